import type { Path, Word } from './addon.ts';
import { checkText } from './check-argument.ts';

/** A path as an argument of a system call: the addon ends a string with NUL, and refuses one in it; bytes are ended here. */
export function pathWord(path: Path | undefined): Word {
	if (!(path instanceof Uint8Array)) return path;
	checkText('path', 'bytes', path);
	const ended = new Uint8Array(path.length + 1);
	ended.set(path);
	return ended;
}
