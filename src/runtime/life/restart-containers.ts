import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { findContainer } from '../../state/find-container.ts';
import { reconcile } from '../../state/reconcile.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { startStored } from './start-stored.ts';
import { type StopRequest, type StopResult, stopContainers } from './stop-containers.ts';

/** docker's `restart`. */
export function restartContainers(
	directory: StateDirectory,
	containers: readonly string[],
	{ program, ...request }: StopRequest & { readonly program: readonly string[] },
): readonly StopResult[] {
	const stopped = stopContainers(directory, containers, request);
	reconcile(directory, runTeardown);
	return stopped.map(result => {
		if (result.error !== undefined) return result;
		return startOne(directory, result.container, program);
	});
}

/** docker's `start` of one container. */
export function startContainerAgain(
	directory: StateDirectory,
	container: string,
	program: readonly string[],
): StopResult {
	// one whose supervisor was killed has left something
	reconcile(directory, runTeardown);
	return startOne(directory, container, program);
}

/** What those left whose supervisor was killed is gone. @returns what went wrong, if something did; a step that failed has been worded already */
export function startOne(directory: StateDirectory, container: string, program: readonly string[]): StopResult {
	try {
		const failed = startStored(directory, findContainer(directory, container), program);
		if (failed === undefined) return { container };
		const error = new TsrunError('TSRUN_START_FAILED', `container ${container} did not start`, {
			exitCode: failed.exitCode ?? 125,
		});
		return { container, error };
	} catch (error) {
		return { container, error };
	}
}
