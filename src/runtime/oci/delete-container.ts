import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { SIGKILL } from '../../plan/linux-constants.ts';
import {
	type ContainerRecord,
	containerStateDir,
	openStateDirectory,
	readContainer,
	readPlan,
	removeContainerState,
	type StateDirectory,
	withContainer,
} from '../../state/state-directory.ts';
import { removeContainer } from '../remove-container.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { thaw } from './freezer.ts';
import { signalInit } from './kill-container.ts';

const END_TIMEOUT_MS = 10_000;
const POLL_MS = 2;

export interface DeleteRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly container: string;
	/** Kills it where it has not ended; one that does not exist is no error. */
	readonly force: boolean;
}

/**
 * runc's `delete`: the teardown of the stored plan, then the state. Can be repeated, whatever a killed one has left.
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_NO_SUCH_CONTAINER
 */
export async function deleteContainer({ roots, container, force }: DeleteRequest): Promise<void> {
	const directory = openStateDirectory(roots.state);
	const record = findOrNone(directory, container, force);
	if (record === undefined) return;
	if (record.state.bundle === undefined) {
		await removeContainer({ roots, container, force });
		return;
	}
	withContainer(directory, record.state.id, () => remove(directory, record.state.id, force));
}

function findOrNone(directory: StateDirectory, text: string, force: boolean): ContainerRecord | undefined {
	try {
		return findBundleContainer(directory, text);
	} catch (error) {
		if (force && error instanceof TsrunError && error.code === 'TSRUN_NO_SUCH_CONTAINER') return undefined;
		throw error;
	}
}

function remove(directory: StateDirectory, id: ContainerRecord['state']['id'], force: boolean): void {
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
		if (progress.supervisor > 0) process.kill(progress.supervisor, SIGKILL);
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
