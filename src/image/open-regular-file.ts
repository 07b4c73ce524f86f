import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { TsrunError } from '../core/errors.ts';

export interface OpenFile {
	readonly fd: number;
	readonly size: number;
}

/**
 * Opens a file of an image for reading. A FIFO, device or directory in its place is an error and never blocks.
 * @throws TsrunError TSRUN_NO_FILE, TSRUN_BAD_IMAGE
 */
export function openRegularFile(path: string, what: string): OpenFile {
	let fd: number;
	try {
		fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (cause) {
		const code = (cause as NodeJS.ErrnoException).code ?? '';
		throw new TsrunError('TSRUN_NO_FILE', `${what} ${path} cannot be opened: ${WORDS[code] ?? code}`, { cause });
	}
	const stat = fstatSync(fd);
	if (stat.isFile()) return { fd, size: stat.size };
	closeSync(fd);
	throw new TsrunError('TSRUN_BAD_IMAGE', `${what} ${path} is not a regular file`);
}

/** Reads a whole small file. @throws TsrunError as {@link openRegularFile}; TSRUN_BAD_IMAGE when it is longer than `limit` */
export function readSmallFile(path: string, limit: number, what: string): Buffer {
	const { fd, size } = openRegularFile(path, what);
	try {
		return readRange(fd, { offset: 0, size, limit, what: `${what} ${path}` });
	} finally {
		closeSync(fd);
	}
}

export interface Range {
	readonly offset: number;
	readonly size: number;
	readonly limit: number;
	/** For messages. */
	readonly what: string;
}

/** Reads a part of a file; shorter than asked when the file ends. */
export function readRange(fd: number, { offset, size, limit, what }: Range): Buffer {
	if (size > limit) throw new TsrunError('TSRUN_BAD_IMAGE', `${what} is ${size} bytes long, the limit is ${limit}`);
	const buffer = Buffer.allocUnsafe(size);
	let filled = 0;
	while (filled < size) {
		const count = readSync(fd, buffer, filled, size - filled, offset + filled);
		if (count === 0) break;
		filled += count;
	}
	return buffer.subarray(0, filled);
}

const STREAM_CHUNK = 1 << 18;

/** A part of a file as a stream. Unlike the streams of node:fs it never closes the descriptor, however it ends. */
export function streamRange(fd: number, { offset, size }: Pick<Range, 'offset' | 'size'>): Readable {
	const readAsync = promisify(read);
	async function* chunks(): AsyncGenerator<Buffer> {
		for (let at = 0; at < size; ) {
			const chunk = Buffer.allocUnsafe(Math.min(STREAM_CHUNK, size - at));
			const { bytesRead } = await readAsync(fd, chunk, 0, chunk.length, offset + at);
			if (bytesRead === 0) return;
			at += bytesRead;
			yield chunk.subarray(0, bytesRead);
		}
	}
	return Readable.from(chunks(), { objectMode: false });
}

const WORDS: Readonly<Record<string, string>> = {
	ENOENT: 'no such file or directory',
	ENOTDIR: 'not a directory',
	EACCES: 'permission denied',
	ELOOP: 'too many symbolic links',
};
