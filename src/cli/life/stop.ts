import type { Command } from 'commander';
import { stopAll, stopContainers } from '../../runtime/life/stop-containers.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { requireContainers } from '../oci/require-containers.ts';
import { rootsOf } from '../roots.ts';
import { printResults } from './print-results.ts';
import { addStopOptions, stopRequest } from './stop-options.ts';

/** `tsrun stop`: one line on stdout for each container that has ended. */
export function declareCommand(command: Command): void {
	addStopOptions(command, '[container...]')
		.option('-a, --all', 'every container that runs, until start --all: their restart policies stay as they were')
		.action((containers: readonly string[]) => {
			const all = requireContainers(command, containers);
			const request = stopRequest(command);
			const directory = openStateDirectory(rootsOf(command).state);
			printResults(
				all ? stopAll(directory, { ...request, isForNow: true }) : stopContainers(directory, containers, request),
			);
		});
}
