import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { encodePlan } from '../native/encode.ts';
import { runTeardown } from '../native/machine.ts';
import { ERRNO, SIGKILL } from '../plan/linux-constants.ts';
import type { Plan } from '../plan/step.ts';
import type { ContainerState } from '../state/container-state.ts';
import { findContainer } from '../state/find-container.ts';
import { reconcile } from '../state/reconcile.ts';
import {
	readContainer,
	removeContainerState,
	type StateDirectory,
	tryLock,
	withContainer,
} from '../state/state-directory.ts';
import { killSupervisor } from './life/kill-supervisor.ts';
import { noteStopped } from './life/stop-containers.ts';
import { loadStopScope, removeBundle } from './oci/remove-bundle.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { removeUnusedVolumes } from './volumes/remove-volumes.ts';
import { volumeUses } from './volumes/volume-users.ts';

/** Kills of a forced removal take effect within this time, or the removal fails. */
const END_TIMEOUT_MS = 10_000;
const POLL_MS = 5;

export interface RemoveRequest {
	readonly roots: { readonly data: string; readonly state: string };
	/** Name, id, or the beginning of an id. */
	readonly container: string;
	/** Also while it runs: its supervisor is killed, and the container with it. */
	readonly force: boolean;
	/** Also its anonymous volumes that no other container uses. */
	readonly volumes?: boolean;
}

/**
 * Removes a container that has ended: its file system, its state, its name.
 * @returns the name or id as it was given
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_CONTAINER_RUNNING
 */
export async function removeContainer(request: RemoveRequest): Promise<string> {
	if (request.volumes !== true) return removeAlone(request);
	const { store, state } = openContainerRoots(request.roots);
	const anonymous = volumeUses(join(store.containers, findContainer(state, request.container)))
		.filter(({ isAnonymous }) => isAnonymous)
		.map(({ name }) => name);
	const removed = await removeAlone(request);
	await removeUnusedVolumes(store, anonymous);
	return removed;
}

async function removeAlone({ roots, container, force }: RemoveRequest): Promise<string> {
	const { state: directory } = openContainerRoots(roots);
	reconcile(directory, runTeardown);
	const id = findContainer(directory, container);
	const deadline = Date.now() + END_TIMEOUT_MS;
	for (;;) {
		const record = readContainer(directory, id);
		if (record === undefined) return container;
		if (record.state.bundle !== undefined) {
			const stopScope = await loadStopScope(record);
			withContainer(directory, id, () => removeBundle(directory, id, { force, stopScope }));
			return container;
		}
		const isExited = record.status === 'exited' || record.status === 'created';
		if (isExited && remove(directory, record.state)) return container;
		if (!(force || isExited) || Date.now() > deadline) {
			throw new TsrunError('TSRUN_CONTAINER_RUNNING', `container ${container} is ${record.status}`, {
				hint: 'stop it first, or use rm -f',
				exitCode: 1,
			});
		}
		if (!isExited) noteStopped(directory, record);
		if (!isExited) killSupervisor(directory, id, record.progress.supervisor, SIGKILL);
		await new Promise(resolve => setTimeout(resolve, POLL_MS));
		reconcile(directory, runTeardown);
	}
}

/**
 * The machine removes the tree, which a container may have nested deeper than any path is long.
 * @returns false where another command holds the container, or has removed it
 */
function remove(directory: StateDirectory, { id, name, directory: tree }: ContainerState): boolean {
	const teardown: Plan['teardown'] = [
		{ op: 'removeTree', path: tree, tolerate: [ERRNO.ENOENT], phase: 'teardown', why: 'what the container wrote' },
	];
	const plan = encodePlan({ version: 1, cloneFlags: 0, setup: [], init: [], teardown });
	try {
		return tryLock(directory, id, progressFd => {
			runTeardown({ plan, progressFd });
			removeContainerState(directory, id, name);
		});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return false;
	}
}
