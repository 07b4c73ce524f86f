import type { Command } from 'commander';
import { isOfRun } from '../../runtime/life/is-of-run.ts';
import { startContainer } from '../../runtime/oci/start-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { detachKeysOption, sigProxyOption } from '../attach/attach-options.ts';
import { printResults } from '../life/print-results.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';
import { requireContainers } from './require-containers.ts';

/** `tsrun start`: runs the program of a created container, or a container of `tsrun run` once more. */
export function declareCommand(command: Command): void {
	command
		.argument('[container...]', 'id of a created container; or names or ids of containers that have ended')
		.option('--all', 'every container that has ended and whose restart policy says so, as when the machine starts')
		.option('-a, --attach', 'be at its output until it ends, and end with its exit code')
		.option('-i, --interactive', 'the same, and at its input')
		.addOption(detachKeysOption())
		.addOption(sigProxyOption())
		.action(async (containers: readonly string[]) => {
			const all = requireContainers(command, containers);
			const { state } = rootsOf(command);
			const directory = openStateDirectory(state);
			if (all) {
				const { startAll } = await import('../../runtime/life/start-all.ts');
				printResults(startAll(directory, thisProgram()));
			}
			const { attach = false, interactive = false } = command.opts<{ attach?: boolean; interactive?: boolean }>();
			if (attach || interactive) {
				const { startAndAttach } = await import('../attach/start-and-attach.ts');
				process.exit(await startAndAttach(command, containers));
			}
			for (const container of containers) {
				if (isOfRun(directory, container)) {
					const { startContainerAgain } = await import('../../runtime/life/restart-containers.ts');
					printResults([startContainerAgain(directory, container, thisProgram())]);
				} else await startContainer(state, container);
			}
		});
}
