import type { Command } from 'commander';
import { unmountImage } from '../../runtime/mount-image.ts';
import { openStore } from '../../store/open-store.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun image unmount`. */
export function declareCommand(command: Command): void {
	command.argument('<directory>', 'where an image is mounted').action((directory: string) => {
		unmountImage(openStore(rootsOf(command).data), directory);
	});
}
