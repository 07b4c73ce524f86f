import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { readContainerStats } from '../../host/read-container-stats.ts';
import { isInitAlive } from '../../state/init-process.ts';
import { type ContainerRecord, openStateDirectory } from '../../state/state-directory.ts';
import { oomEvent, statsEvent } from '../../stats/stats-event.ts';
import { containerCgroups } from './container-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { oomKills } from './oom-kills.ts';

type Cgroups = Readonly<Record<string, string>>;
type Emit = (line: string) => void;

export interface WatchRequest {
	readonly stateRoot: string;
	readonly container: string;
	/** Milliseconds between two lines of counters. */
	readonly interval: number;
	readonly emit: Emit;
}

/** cgroup2 tells of changes (inotify(7)); v1 does not, so there its counter is looked at this often. */
const POLL_MS = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** runc's `events --stats`: one line. @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING */
export function statsOfContainer(stateRoot: string, container: string): string {
	const record = requireLiving(stateRoot, container);
	return statsEvent(record.state.id, readContainerStats(containerCgroups(record)));
}

/**
 * runc's `events`: a line of counters each interval, and one whenever the kernel kills at the memory limit, until the container
 * ends.
 * @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING
 */
export function watchContainer({ stateRoot, container, interval, emit }: WatchRequest): Promise<void> {
	const record = requireLiving(stateRoot, container);
	const { id } = record.state;
	const cgroups = containerCgroups(record);
	let kills = oomKills(cgroups);
	return new Promise(resolve => {
		const look = (): boolean => {
			const now = oomKills(cgroups);
			if (now > kills) {
				emit(oomEvent(id));
				kills = now;
			}
			if (isInitAlive(record.progress)) return true;
			for (const timer of timers) clearInterval(timer);
			for (const watcher of watchers) watcher.close();
			resolve();
			return false;
		};
		const timers = [
			setInterval(look, POLL_MS),
			setInterval(
				() => {
					if (look()) emit(statsEvent(id, readContainerStats(cgroups)));
				},
				Math.min(interval, LONGEST_TIMER_MS),
			),
		];
		const watchers = watchFiles(cgroups, look);
	});
}

function requireLiving(stateRoot: string, container: string): ContainerRecord {
	const record = findBundleContainer(openStateDirectory(stateRoot), container);
	if (record.status === 'running' || record.status === 'created') return record;
	throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container with id ${record.state.id} is not running`, {
		exitCode: 1,
	});
}

function watchFiles({ memory, unified }: Cgroups, look: () => void): readonly FSWatcher[] {
	if (memory !== undefined || unified === undefined) return [];
	return ['memory.events', 'cgroup.events'].flatMap(file => {
		try {
			return watch(join(unified, file), look).on('error', () => {});
		} catch {
			// without the controller there is nothing that the kernel could tell
			return [];
		}
	});
}
