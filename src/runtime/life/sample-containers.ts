import { readFileSync, readlinkSync } from 'node:fs';
import { readContainerStats } from '../../host/read-container-stats.ts';
import { findContainer } from '../../state/find-container.ts';
import { isInitAlive } from '../../state/init-process.ts';
import {
	type ContainerRecord,
	listContainerIds,
	readContainer,
	type StateDirectory,
} from '../../state/state-directory.ts';
import { type NetworkCounters, parseNetworkCounters } from '../../stats/network-counters.ts';
import type { Sample } from '../../stats/usage.ts';
import { containerCgroups } from '../oci/container-cgroups.ts';
import { oomKills } from '../oci/oom-kills.ts';

export interface Sampled {
	readonly id: string;
	readonly name: string;
	/** Absent where the container does not run. */
	readonly sample?: Sample;
}

/**
 * What the kernel has counted by now, newest container first.
 * @param ids of these; without them, of every container there is at this moment
 */
export function sampleContainers(directory: StateDirectory, ids?: readonly string[]): readonly Sampled[] {
	return listContainerIds(directory)
		.filter(id => ids === undefined || ids.includes(id))
		.flatMap(id => readContainer(directory, id) ?? [])
		.sort((a, b) => b.state.created - a.state.created)
		.map(record => {
			const sample = sampleOf(record);
			const { id, name } = record.state;
			return { id, name, ...(sample === undefined ? {} : { sample }) };
		});
}

/**
 * The ids that words mean.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_AMBIGUOUS_ID
 */
export function idsOf(directory: StateDirectory, words: readonly string[]): readonly string[] {
	return words.map(word => findContainer(directory, word));
}

function sampleOf(record: ContainerRecord): Sample | undefined {
	if (!isInitAlive(record.progress)) return undefined;
	const cgroups = containerCgroups(record);
	const network = networkOf(record.progress.init);
	const sample = { at: process.hrtime.bigint(), stats: readContainerStats(cgroups), oomKills: oomKills(cgroups) };
	// the pid was the container's before and after, so what was read by it is too
	if (!isInitAlive(record.progress)) return undefined;
	return { ...sample, ...(network === undefined ? {} : { network }) };
}

/** Not of the host's network, whose counters are no container's. */
function networkOf(init: number): NetworkCounters | undefined {
	try {
		if (readlinkSync(`/proc/${init}/ns/net`) === readlinkSync('/proc/self/ns/net')) return undefined;
		return parseNetworkCounters(readFileSync(`/proc/${init}/net/dev`, 'latin1'));
	} catch {
		return undefined;
	}
}
