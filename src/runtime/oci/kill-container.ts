import { closeSync, readFileSync } from 'node:fs';
import { pidsBelow } from '../../host/cgroup-pids.ts';
import { pidfdOpen, pidfdSendSignal } from '../../native/process-calls.ts';
import type { Progress } from '../../native/progress.ts';
import { SIGKILL } from '../../plan/linux-constants.ts';
import { readProcessStat } from '../../state/init-process.ts';
import { type ContainerRecord, openStateDirectory } from '../../state/state-directory.ts';
import { containerCgroups } from './container-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { thaw } from './freezer.ts';
import { notRunning } from './not-running.ts';

export interface KillRequest {
	readonly stateRoot: string;
	readonly container: string;
	readonly signal: number;
	/** Every process of the container, not only its first; also where that one has ended. */
	readonly all: boolean;
}

/**
 * runc's `kill`.
 * @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING
 */
export function killContainer({ stateRoot, container, signal, all }: KillRequest): void {
	const record = findBundleContainer(openStateDirectory(stateRoot), container);
	const isAlive = record.status === 'running' || record.status === 'created';
	if (all || (signal === SIGKILL && (isAlive ? sharesPids(record) : hasOthers(record)))) signalAll(record, signal);
	else if (!isAlive || !signalInit(record.progress, signal)) throw notRunning();
	// What v1 has frozen dies only once it is thawed.
	if (signal === SIGKILL && isAlive) thaw(containerCgroups(record));
}

/** By a pidfd: the number may be another process's by now. @returns false where init has ended */
export function signalInit({ init, initStart }: Progress, signal: number): boolean {
	if (init < 1) return false;
	try {
		const pidfd = pidfdOpen(init);
		try {
			if (readProcessStat(init)?.startTime !== initStart) return false;
			pidfdSendSignal(pidfd, signal);
			return true;
		} finally {
			closeSync(pidfd);
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
		throw error;
	}
}

/** Without a pid namespace of its own the end of init ends nothing else. */
function sharesPids({ progress }: ContainerRecord): boolean {
	try {
		return !/^NSpid:.*\t1$/m.test(readFileSync(`/proc/${progress.init}/status`, 'latin1'));
	} catch {
		return false;
	}
}

/** In a pid namespace that it shares, a container's other processes go on without its first. */
const hasOthers = (record: ContainerRecord): boolean => pidsOf(containerCgroups(record)).length > 0;

function signalAll(record: ContainerRecord, signal: number): void {
	for (const pid of pidsOf(containerCgroups(record))) {
		try {
			process.kill(pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
}

/** The processes of a container: those of its cgroup and of those below. In no order. */
export function pidsOf(cgroups: Readonly<Record<string, string>>): readonly number[] {
	const directory = cgroups.unified ?? cgroups.freezer ?? cgroups.memory ?? Object.values(cgroups)[0];
	return directory === undefined ? [] : [...new Set(pidsBelow(directory))];
}
