import type { Command } from 'commander';
import { stopContainers } from '../../runtime/life/stop-containers.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { printResults } from './print-results.ts';
import { addStopOptions, stopRequest } from './stop-options.ts';

/** `tsrun stop`: one line on stdout for each container that has ended. */
export function declareCommand(command: Command): void {
	addStopOptions(command).action((containers: readonly string[]) => {
		const request = stopRequest(command);
		printResults(stopContainers(openStateDirectory(rootsOf(command).state), containers, request));
	});
}
