import type { Command } from 'commander';
import { mountImage } from '../../runtime/mount-image.ts';
import { openStore } from '../../store/open-store.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun image mount`: prints the directory. */
export function declareCommand(command: Command): void {
	command
		.argument('<image>', 'as for run')
		.argument('<directory>', 'where it is shown')
		.action(async (image: string, directory: string) => {
			process.stdout.write(`${await mountImage(openStore(rootsOf(command).data), image, directory)}\n`);
		});
}
