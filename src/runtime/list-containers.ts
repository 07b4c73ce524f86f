import type { ContainerId } from '../core/brands.ts';
import { runTeardown } from '../native/machine.ts';
import type { Health } from '../spec/judge-health.ts';
import type { ContainerState, ContainerStatus } from '../state/container-state.ts';
import { reconcile } from '../state/reconcile.ts';
import {
	type ContainerRecord,
	listContainerIds,
	readContainer,
	type StateDirectory,
} from '../state/state-directory.ts';
import { readHealth } from './health/read-health.ts';
import { type PortRecord, readContainerNetworks } from './network/container-networks.ts';
import { isFrozen } from './oci/freezer.ts';
import { openContainerRoots } from './open-container-roots.ts';

export interface ContainerSummary {
	readonly id: ContainerId;
	readonly name: string;
	readonly image: string;
	readonly imageDigest: string;
	readonly command: readonly string[];
	/** ISO 8601. */
	readonly created: string;
	readonly status: ContainerStatus | 'paused';
	/** Milliseconds since the epoch: when its program began, and when it ended. */
	readonly started?: number;
	readonly ended?: number;
	/** Of init on the host, while it runs. */
	readonly pid?: number;
	readonly exitCode?: number;
	readonly labels: ContainerState['labels'];
	/** Names of its networks. */
	readonly networks: readonly string[];
	/** Published, while it runs. */
	readonly ports: readonly PortRecord[];
	/** Of one that runs and has a health check. */
	readonly health?: Health['status'];
	/** What it has written is below. */
	readonly directory: string;
}

/** All containers, newest first; what is dead is torn down before. */
export function listContainers(roots: { readonly data: string; readonly state: string }): readonly ContainerSummary[] {
	const { state: directory } = openContainerRoots(roots);
	reconcile(directory, runTeardown);
	return listContainerIds(directory)
		.flatMap(id => readContainer(directory, id) ?? [])
		.map(record => summary(directory, record))
		.sort((a, b) => b.created.localeCompare(a.created));
}

function summary(directory: StateDirectory, record: ContainerRecord): ContainerSummary {
	const { state, progress } = record;
	const { id, name, image, imageDigest, command, labels } = state;
	const isRunning = record.status === 'running';
	const hasEnded = record.status !== 'created' && progress.exitCode !== undefined && !isRunning;
	const networks = readContainerNetworks(directory, id);
	const health = isRunning ? readHealth(directory, record) : undefined;
	return {
		id,
		name,
		image,
		imageDigest,
		command,
		created: new Date(state.created).toISOString(),
		status: isRunning && isFrozen(state.bundle?.cgroups ?? state.run?.cgroups ?? {}) ? 'paused' : record.status,
		labels,
		networks: networks?.endpoints.map(({ network }) => network) ?? [],
		ports: isRunning ? (networks?.ports ?? []) : [],
		directory: state.directory,
		...(health === undefined ? {} : { health: health.status }),
		...(isRunning ? { pid: progress.init } : {}),
		...(hasEnded ? { exitCode: progress.exitCode } : {}),
		...(progress.started === undefined ? {} : { started: milliseconds(progress.started) }),
		...(hasEnded && progress.finished !== undefined ? { ended: milliseconds(progress.finished) } : {}),
	};
}

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n);
