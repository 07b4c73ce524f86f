import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { SIGKILL } from '../../plan/linux-constants.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	readPlan,
	removeContainerState,
	type StateDirectory,
} from '../../state/state-directory.ts';
import { killSupervisor } from '../life/kill-supervisor.ts';
import { thaw } from './freezer.ts';
import { signalInit } from './kill-container.ts';
import type { stopScopeOf } from './systemd-scope.ts';

const END_TIMEOUT_MS = 10_000;
const POLL_MS = 2;

export interface BundleRemoval {
	/** Kills it where it has not ended. */
	readonly force: boolean;
	/** Of a container in a scope of systemd's. */
	readonly stopScope?: typeof stopScopeOf | undefined;
}

/** What removes a container in a scope speaks with systemd, and is read only for one. */
export async function loadStopScope({ state }: ContainerRecord): Promise<BundleRemoval['stopScope']> {
	return state.bundle?.scope === undefined ? undefined : (await import('./systemd-scope.ts')).stopScopeOf;
}

/**
 * The teardown of a container of the OCI command line, then its state. The caller holds it (`withContainer`).
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_SYSTEMD
 */
export function removeBundle(directory: StateDirectory, id: ContainerId, { force, stopScope }: BundleRemoval): void {
	const record = readContainer(directory, id);
	// Another command has deleted it while this one waited.
	if (record === undefined) return;
	if (record.status !== 'stopped') {
		if (!force && record.status !== 'created') throw notStopped(record);
		end(directory, record);
	}
	const progressFd = openSync(join(containerStateDir(directory, id), 'progress'), 'r+');
	try {
		runTeardown({ plan: readPlan(directory, id), progressFd });
	} finally {
		closeSync(progressFd);
	}
	const hasBegun = (readContainer(directory, id)?.progress.begun.setup ?? 0) > 0;
	if (record.state.bundle !== undefined) stopScope?.(record.state.bundle, hasBegun);
	removeContainerState(directory, id, id);
}

function notStopped({ state, status }: ContainerRecord): TsrunError {
	return new TsrunError('TSRUN_CONTAINER_STATE', `cannot delete container ${state.id} that is not stopped: ${status}`, {
		hint: `stop it with tsrun kill ${state.id} KILL, or use --force`,
		exitCode: 1,
	});
}

/** Kills init, or the creator that is still at work, and waits until it has ended. */
function end(directory: StateDirectory, { state, progress, status }: ContainerRecord): void {
	if (status === 'creating') {
		if (progress.supervisor > 0) killSupervisor(directory, state.id, progress.supervisor, SIGKILL);
	} else {
		signalInit(progress, SIGKILL);
		// What v1 has frozen dies only once it is thawed.
		thaw(state.bundle?.cgroups ?? {});
	}
	const deadline = Date.now() + END_TIMEOUT_MS;
	while (readContainer(directory, state.id)?.status !== 'stopped') {
		if (Date.now() > deadline) {
			throw new TsrunError('TSRUN_CONTAINER_STATE', `container ${state.id} does not end`, {
				hint: `its init, process ${progress.init}, hangs in the kernel: see /proc/${progress.init}/stack`,
				exitCode: 1,
			});
		}
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
	}
}
