import { existsSync, openSync } from 'node:fs';
import type { ContainerId } from '../../core/brands.ts';
import { join } from '../../core/paths.ts';
import { makeFifo } from '../../native/make-fifo.ts';
import { containerStateDir, STDIN_FIFO, type StateDirectory } from '../../state/state-directory.ts';

/** The standard input of a container in the background: a fifo that never ends, since it is open for writing too, or nothing. */
export function openInput(directory: StateDirectory, id: ContainerId, isInteractive: boolean): number {
	if (!isInteractive) return openSync('/dev/null', 'r+');
	const path = join(containerStateDir(directory, id), STDIN_FIFO);
	if (!existsSync(path)) makeFifo(path, 0o600);
	return openSync(path, 'r+');
}
