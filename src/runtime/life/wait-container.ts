import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { isNeverStarted } from '../../native/progress.ts';
import { findContainer } from '../../state/find-container.ts';
import { reconcile } from '../../state/reconcile.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { waitForEnd } from './wait-for-end.ts';

/**
 * Blocks until a container has ended.
 * @returns its exit code; 137 where its supervisor was killed, and the container with it; as docker 0 where it was only created
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER
 */
export function waitContainer(directory: StateDirectory, container: string): number {
	reconcile(directory, runTeardown);
	const result = waitForEnd(directory, findContainer(directory, container));
	if (result === 'timeout') throw new TsrunError('TSRUN_CONTAINER_RUNNING', `container ${container} runs`);
	reconcile(directory, runTeardown);
	return isNeverStarted(result.progress) ? 0 : (result.progress.exitCode ?? KILLED);
}

const KILLED = 137;
