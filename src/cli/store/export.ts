import type { Command } from 'commander';
import { exportContainer } from '../../runtime/export-container.ts';
import { rootsOf } from '../roots.ts';
import { writeOutput } from './write-output.ts';

/** `tsrun export`: a container's file system as a tar archive. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.option('-o, --output <file>', 'instead of standard output')
		.action(async (container: string) => {
			const { output } = command.opts<{ output?: string }>();
			await writeOutput(output, async write => {
				for (const chunk of exportContainer(rootsOf(command), container)) await write(chunk);
			});
		});
}
