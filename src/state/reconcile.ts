import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../core/brands.ts';
import type { MachineInput } from '../native/machine.ts';
import {
	type ContainerRecord,
	containerStateDir,
	listContainerIds,
	readContainer,
	readPlan,
	removeContainerState,
	removeRest,
	removeUnfinished,
	type StateDirectory,
	tryLock,
} from './state-directory.ts';

export interface Reconciled {
	readonly id: ContainerId;
	readonly error?: unknown;
}

/**
 * Finishes the teardown of every container whose supervisor is gone: it was killed, or the tsrun before it was. Each is locked
 * meanwhile, so any number of commands may do this at once. Containers that are supervised cost one look each.
 */
export function reconcile(directory: StateDirectory, teardown: (input: MachineInput) => void): readonly Reconciled[] {
	const reconciled = listContainerIds(directory).flatMap((id): readonly Reconciled[] => {
		try {
			return finish(directory, id, teardown) ? [{ id }] : [];
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
			return [{ id, error }];
		}
	});
	removeUnfinished(directory);
	return reconciled;
}

/** One in the foreground ends with its supervisor, and is gone then as if deleted. */
function isAbandoned({ state, status }: ContainerRecord): boolean {
	return state.bundle?.supervised === true && status === 'stopped';
}

function finish(directory: StateDirectory, id: ContainerId, teardown: (input: MachineInput) => void): boolean {
	const record = readContainer(directory, id);
	if (record === undefined) {
		// Its supervisor was killed while removing it, as the last step of all.
		return removeRest(directory, id);
	}
	if (record.status !== 'dead' && !isAbandoned(record)) return false;
	return tryLock(directory, id, progressFd => {
		// Without a plan the directory itself was being removed, which comes last of all.
		const isHalfRemoved = !existsSync(join(containerStateDir(directory, id), 'plan'));
		if (!isHalfRemoved) teardown({ plan: readPlan(directory, id), progressFd });
		if (isHalfRemoved || record.state.autoRemove) removeContainerState(directory, id, record.state.name);
	});
}
