import type { Command } from 'commander';
import { removeContainer } from '../runtime/remove-container.ts';
import { reportError } from './report-error.ts';
import { rootsOf } from './roots.ts';

/** `tsrun rm`: one line on stdout for each that is gone, one on stderr for each that is not. */
export function declareCommand(command: Command): void {
	command
		.argument('<container...>', 'name, id or the beginning of an id')
		.option('-f, --force', 'end it first')
		.option('-v, --volumes', 'also its anonymous volumes')
		.action(async (containers: readonly string[]) => {
			const { force = false, volumes = false } = command.opts<{ force?: boolean; volumes?: boolean }>();
			for (const container of containers) {
				try {
					process.stdout.write(`${await removeContainer({ roots: rootsOf(command), container, force, volumes })}\n`);
				} catch (error) {
					reportError(error);
					process.exitCode = 1;
				}
			}
		});
}
