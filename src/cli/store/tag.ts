import type { Command } from 'commander';
import { tagStoredImage } from '../../runtime/tag-stored-image.ts';
import { openStore } from '../../store/open-store.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun tag`: a further name; one that another image has moves. */
export function declareCommand(command: Command): void {
	command
		.argument('<image>', 'name or id')
		.argument('<name>', 'the further name')
		.action((image: string, name: string) => tagStoredImage(openStore(rootsOf(command).data), image, name));
}
