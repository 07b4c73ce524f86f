import type { Command } from 'commander';
import { waitContainer } from '../../runtime/life/wait-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun wait`: the exit code of each container, when it has ended. */
export function declareCommand(command: Command): void {
	command.argument('<container...>', 'name, id or the beginning of an id').action((containers: readonly string[]) => {
		const directory = openStateDirectory(rootsOf(command).state);
		for (const container of containers) {
			try {
				process.stdout.write(`${waitContainer(directory, container)}\n`);
			} catch (error) {
				reportError(error);
				process.exitCode = 1;
			}
		}
	});
}
