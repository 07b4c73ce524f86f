import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { TAG_OFFSET } from './log-line.ts';

const BLOCK = 65_536;
const NEWLINE = 10;
const FULL = 'F'.charCodeAt(0);

/** The files of a log, the oldest first: `path.2`, `path.1`, `path`. */
export function logFiles(path: string): readonly string[] {
	const files: string[] = [];
	for (let n = 1; existsSync(`${path}.${n}`); n++) files.unshift(`${path}.${n}`);
	return existsSync(path) ? [...files, path] : files;
}

/** A place in a log: a descriptor, which the caller closes, and an offset. */
export interface LogPlace {
	readonly fd: number;
	readonly offset: number;
}

/** Places of all files from the one on in which the last `count` whole lines begin. All of the files where `count` is absent. */
export function openTail(path: string, count: number | undefined): readonly LogPlace[] {
	const places: LogPlace[] = [];
	let left = count;
	for (const file of logFiles(path).toReversed()) {
		const fd = openIfThere(file);
		if (fd === undefined) continue;
		const { offset, found } = left === undefined ? { offset: 0, found: 0 } : lastLines(fd, left);
		places.unshift({ fd, offset });
		if (left !== undefined) left -= found;
		if (left === 0) break;
	}
	return places;
}

function openIfThere(path: string): number | undefined {
	try {
		return openSync(path, 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

/** Looks from the end of a file for the beginning of the last `count` lines; the pieces of one line count as one. */
function lastLines(fd: number, count: number): { readonly offset: number; readonly found: number } {
	const { size } = fstatSync(fd);
	const block = Buffer.alloc(BLOCK + TAG_OFFSET + 1);
	let [found, later] = [0, size];
	if (count === 0) return { offset: size, found };
	for (let end = size; end > 0; end -= BLOCK) {
		const start = Math.max(0, end - BLOCK);
		readSync(fd, block, 0, Math.min(size, end + TAG_OFFSET + 1) - start, start);
		for (let at = end - start - 1; at >= -1; at--) {
			if (at === -1 ? start > 0 : block[at] !== NEWLINE) continue;
			const line = start + at + 1;
			if (line + TAG_OFFSET >= size) continue;
			if (block[at + 1 + TAG_OFFSET] === FULL) found++;
			if (found > count) return { offset: later, found: count };
			later = line;
		}
	}
	return { offset: 0, found };
}

/** Whether a descriptor is the file of this name; a log that is rotated gets another name. */
export function isFile(fd: number, path: string): boolean {
	try {
		const [mine, there] = [fstatSync(fd), statSync(path)];
		return mine.ino === there.ino && mine.dev === there.dev;
	} catch {
		return false;
	}
}

/** The files that came after the one of this descriptor. */
export function openNewer(fd: number, path: string): readonly LogPlace[] {
	const files = logFiles(path);
	const index = files.findIndex(file => isFile(fd, file));
	return files.slice(index + 1).flatMap(file => {
		const opened = openIfThere(file);
		return opened === undefined ? [] : [{ fd: opened, offset: 0 }];
	});
}

export function closeAll(places: readonly LogPlace[]): void {
	for (const { fd } of places) closeSync(fd);
}
