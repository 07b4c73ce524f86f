import { makeNode } from './make-node.ts';
import { perform } from './perform.ts';

const AT_FDCWD = -100;
const S_IFIFO = 0o010000;

/** mkfifo(3). @param path absolute */
export function makeFifo(path: string, mode: number): void {
	perform(makeNode(AT_FDCWD, path, S_IFIFO | mode, [0, 0]), 'mknodat', { path, mode });
}
