import { lstatSync, readlinkSync } from 'node:fs';

/** Where each path leads that is a symbolic link; other files, and what is not there, are left out. */
export function readLinks(paths: readonly string[]): Readonly<Record<string, string>> {
	const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
	return Object.fromEntries(paths.filter(isLink).map(path => [path, readlinkSync(path)]));
}
