import { once } from 'node:events';
import type { Command } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { copyFiles } from '../runtime/copy/copy-files.ts';
import { parseCopyPath } from '../spec/copy-path.ts';
import { sizeText } from './format/size-text.ts';
import { rootsOf } from './roots.ts';

interface Flags {
	readonly archive?: boolean;
	readonly followLink?: boolean;
	readonly quiet?: boolean;
}

/** `tsrun cp`: between a container and the host; `-` is a tar archive on standard input or output. */
export function declareCommand(command: Command): void {
	command
		.argument('<source>', 'CONTAINER:PATH, a path, or -')
		.argument('<destination>', 'the same')
		.option('-a, --archive', 'keep owners on the host as well')
		.option('-L, --follow-link', 'copy what a link at the end of the source leads to')
		.option('-q, --quiet', 'do not say what was copied')
		.action(async (source: string, destination: string) => {
			const { archive = false, followLink = false, quiet = false } = command.opts<Flags>();
			if (destination === '-' && process.stdout.isTTY) {
				throw new TsrunError('TSRUN_USAGE', 'an archive is not written to a terminal', {
					hint: 'redirect standard output',
				});
			}
			const bytes = await copyFiles({
				roots: rootsOf(command),
				source: parseCopyPath(source),
				destination: parseCopyPath(destination),
				follow: followLink,
				archive,
				input: process.stdin,
				output: async chunk => {
					if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
				},
			});
			if (quiet || source === '-' || destination === '-') return;
			process.stderr.write(`Successfully copied ${sizeText(bytes)} to ${destination}\n`);
		});
}
