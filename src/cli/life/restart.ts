import type { Command } from 'commander';
import { restartContainers } from '../../runtime/life/restart-containers.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';
import { printResults } from './print-results.ts';
import { secondsOf, signalOf } from './stop-options.ts';

/** `tsrun restart`: ends containers that run, and starts all of them. */
export function declareCommand(command: Command): void {
	command
		.argument('<container...>', 'name, id or the beginning of an id')
		.option('-s, --signal <signal>', 'instead of the container’s own')
		.option('-t, --time <seconds>', 'until it is killed; -1 waits for ever')
		.action((containers: readonly string[]) => {
			const { signal, time } = command.opts<{ signal?: string; time?: string }>();
			const request = { ...signalOf('--signal', signal), ...secondsOf('--time', time) };
			printResults(
				restartContainers(openStateDirectory(rootsOf(command).state), containers, {
					...request,
					program: thisProgram(),
				}),
			);
		});
}
