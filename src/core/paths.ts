import { normalize } from 'node:path/posix';

/** What {@link normalize} would change, but for slashes at the end. */
const UNTIDY = /\/\/|(?:^|\/)\.\.?(?:\/|$)/;

/** path.posix.join of Node, which goes through each path byte by byte in JavaScript; most paths are tidy as they are. */
export function join(...parts: readonly string[]): string {
	const path = parts.filter(part => part !== '').join('/');
	return path === '' || UNTIDY.test(path) ? normalize(path) : path;
}

/** Without `.`, `..`, repeated slashes and slashes at the end. */
export function normalPath(path: string): string {
	let clean = path === '' || UNTIDY.test(path) ? normalize(path) : path;
	while (clean.length > 1 && clean.endsWith('/')) clean = clean.slice(0, -1);
	return clean;
}
