import type { Command } from 'commander';
import { restartContainers } from '../../runtime/life/restart-containers.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';
import { printResults } from './print-results.ts';
import { addStopOptions, stopRequest } from './stop-options.ts';

/** `tsrun restart`: ends containers that run, and starts all of them. */
export function declareCommand(command: Command): void {
	addStopOptions(command).action((containers: readonly string[]) => {
		const request = { ...stopRequest(command), program: thisProgram() };
		printResults(restartContainers(openStateDirectory(rootsOf(command).state), containers, request));
	});
}
