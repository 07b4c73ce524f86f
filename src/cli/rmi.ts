import type { Command } from 'commander';
import { removeStoredImage } from '../runtime/remove-stored-image.ts';
import { reportError } from './report-error.ts';
import { rootsOf } from './roots.ts';

/** `tsrun rmi`: takes names away, and with the last name the image. */
export function declareCommand(command: Command): void {
	command
		.argument('<image...>', 'name or id')
		.option('-f, --force', 'also names of an image in use, and all names of an id')
		.action(async (images: readonly string[]) => {
			const { force = false } = command.opts<{ force?: boolean }>();
			for (const image of images) {
				try {
					const { untagged, deleted } = await removeStoredImage({ roots: rootsOf(command), image, force });
					process.stdout.write(
						[...untagged.map(name => `Untagged: ${name}\n`), ...deleted.map(digest => `Deleted: ${digest}\n`)].join(''),
					);
				} catch (error) {
					reportError(error);
					process.exitCode = 1;
				}
			}
		});
}
