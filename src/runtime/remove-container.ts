import { rmSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { runTeardown } from '../native/machine.ts';
import { findContainer } from '../state/find-container.ts';
import { reconcile } from '../state/reconcile.ts';
import { readContainer, removeContainerState } from '../state/state-directory.ts';
import { openContainerRoots } from './open-container-roots.ts';

/** Kills of a forced removal take effect within this time, or the removal fails. */
const END_TIMEOUT_MS = 10_000;
const POLL_MS = 5;

export interface RemoveRequest {
	readonly roots: { readonly data: string; readonly state: string };
	/** Name, id, or the beginning of an id. */
	readonly container: string;
	/** Also while it runs: its supervisor is killed, and the container with it. */
	readonly force: boolean;
}

/**
 * Removes a container that has ended: its file system, its state, its name.
 * @returns the name or id as it was given
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_CONTAINER_RUNNING
 */
export async function removeContainer({ roots, container, force }: RemoveRequest): Promise<string> {
	const { state: directory } = openContainerRoots(roots);
	reconcile(directory, runTeardown);
	const id = findContainer(directory, container);
	const deadline = Date.now() + END_TIMEOUT_MS;
	for (;;) {
		const record = readContainer(directory, id);
		if (record === undefined) return container;
		if (record.status === 'exited') {
			rmSync(record.state.directory, { recursive: true, force: true });
			removeContainerState(directory, id, record.state.name);
			return container;
		}
		if (!force || Date.now() > deadline) {
			throw new TsrunError('TSRUN_CONTAINER_RUNNING', `container ${container} is ${record.status}`, {
				hint: 'stop it first, or use rm -f',
				exitCode: 1,
			});
		}
		if (record.progress.supervisor > 0) kill(record.progress.supervisor);
		await new Promise(resolve => setTimeout(resolve, POLL_MS));
		reconcile(directory, runTeardown);
	}
}

function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// it has ended meanwhile
	}
}
