import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../core/brands.ts';
import type { MachineInput } from '../native/machine.ts';
import {
	containerStateDir,
	listContainerIds,
	readContainer,
	readPlan,
	releaseStaleNames,
	removeContainerState,
	type StateDirectory,
	tryLock,
} from './state-directory.ts';

/** Leftovers of a process that was killed while it made a state directory; older ones are nobody's. */
const ABANDONED_AFTER_MS = 60_000;

export interface Reconciled {
	readonly id: ContainerId;
	readonly error?: unknown;
}

/**
 * Finishes the teardown of every container whose supervisor is gone: it was killed, or the tsrun before it was. Each is locked
 * meanwhile, so any number of commands may do this at once. Containers that are supervised cost one look each.
 */
export function reconcile(directory: StateDirectory, teardown: (input: MachineInput) => void): readonly Reconciled[] {
	removeAbandoned(directory);
	const ids = listContainerIds(directory);
	const reconciled = ids.flatMap((id): readonly Reconciled[] => {
		try {
			return finish(directory, id, teardown) ? [{ id }] : [];
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
			return [{ id, error }];
		}
	});
	if (readdirSync(join(directory.root, 'names')).length > ids.length) releaseStaleNames(directory);
	return reconciled;
}

function finish(directory: StateDirectory, id: ContainerId, teardown: (input: MachineInput) => void): boolean {
	const record = readContainer(directory, id);
	if (record === undefined) {
		// Nothing is left but a directory: its supervisor was killed while removing it, as the last step of all.
		rmSync(containerStateDir(directory, id), { recursive: true, force: true });
		return true;
	}
	if (record.status !== 'dead') return false;
	return tryLock(directory, id, progressFd => {
		teardown({ plan: readPlan(directory, id), progressFd });
		if (record.state.autoRemove) removeContainerState(directory, id, record.state.name);
	});
}

function removeAbandoned(directory: StateDirectory): void {
	for (const entry of readdirSync(directory.root)) {
		if (!entry.startsWith('.new-')) continue;
		const path = join(directory.root, entry);
		if (isOlderThan(path, ABANDONED_AFTER_MS)) rmSync(path, { recursive: true, force: true });
	}
}

function isOlderThan(path: string, ms: number): boolean {
	return Date.now() - statMs(path) > ms;
}

function statMs(path: string): number {
	try {
		return statSync(path).mtimeMs;
	} catch {
		return Date.now();
	}
}
