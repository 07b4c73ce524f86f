import type { Command } from 'commander';
import { isOfRun } from '../../runtime/life/is-of-run.ts';
import { startOne } from '../../runtime/life/restart-containers.ts';
import { startContainer } from '../../runtime/oci/start-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { printResults } from '../life/print-results.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';

/** `tsrun start`: runs the program of a created container, or a container of `tsrun run` once more. */
export function declareCommand(command: Command): void {
	command
		.argument('<container...>', 'id of a created container; or names or ids of containers that have ended')
		.action(async (containers: readonly string[]) => {
			const { state } = rootsOf(command);
			const directory = openStateDirectory(state);
			for (const container of containers) {
				if (isOfRun(directory, container)) printResults([startOne(directory, container, thisProgram())]);
				else await startContainer(state, container);
			}
		});
}
