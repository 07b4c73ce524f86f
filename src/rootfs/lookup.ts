import { closeSync, readSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { AT_EMPTY_PATH, O_NONBLOCK, O_RDONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../native/flags.ts';
import { fstatat } from '../native/syscalls.ts';
import { LayerStack, type StackEntry } from './layer-stack.ts';

/** What stands at a path of an image. */
export interface ImageFile {
	readonly type: 'file' | 'directory' | 'symlink' | 'other';
	/** Permission bits, with setuid, setgid and sticky. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	/** Its path with links resolved, from the root of the image. */
	readonly path: string;
	/** The first bytes of a file, where they were asked for. */
	readonly head?: Buffer;
}

/**
 * Reads a small file of an image without mounting it: through whiteouts, opaque directories and links, all inside of the
 * image. A FIFO or device never blocks and is never read (CVE-2024-9676).
 * @param layers directories, top first
 * @returns undefined where there is no such file
 * @throws TsrunError TSRUN_BAD_IMAGE_FILE when it is not a regular file, or longer than `maxBytes`
 */
export function readFileInLayers(layers: readonly string[], path: string, maxBytes: number): Buffer | undefined {
	const stack = new LayerStack(layers);
	try {
		const found = stack.find(latin1(path), 'follow');
		if (found === undefined) return undefined;
		const bytes = readHead(stack, found, maxBytes + 1);
		if (bytes === undefined) throw badFile(path, 'is not a regular file');
		if (bytes.length > maxBytes) throw badFile(path, `is longer than ${maxBytes} bytes`);
		return bytes;
	} finally {
		stack.close();
	}
}

/**
 * What stands at a path of an image, links resolved; undefined where nothing is.
 * @param layers directories, top first
 * @param headBytes how much of a regular file to read, at most
 */
export function statInLayers(layers: readonly string[], path: string, headBytes = 0): ImageFile | undefined {
	const stack = new LayerStack(layers);
	try {
		const found = stack.find(latin1(path), 'follow');
		if (found === undefined) return undefined;
		const { mode, uid, gid, size } = found.status;
		const head = headBytes > 0 ? readHead(stack, found, headBytes) : undefined;
		const resolved = `/${Buffer.from(found.path, 'latin1').toString('utf8')}`;
		const facts = { type: typeOf(mode), mode: mode & 0o7777, uid, gid, size, path: resolved };
		return head === undefined ? facts : { ...facts, head };
	} finally {
		stack.close();
	}
}

/** At most `limit` bytes of a regular file; undefined for anything else. */
function readHead(stack: LayerStack, found: StackEntry, limit: number): Buffer | undefined {
	if ((found.status.mode & S_IFMT) !== S_IFREG) return undefined;
	const fd = stack.open(found, O_RDONLY | O_NONBLOCK);
	try {
		const { mode, size } = fstatat(fd, '', AT_EMPTY_PATH);
		if ((mode & S_IFMT) !== S_IFREG) return undefined;
		const buffer = Buffer.alloc(Math.min(limit, size));
		let filled = 0;
		while (filled < buffer.length) {
			const count = readSync(fd, buffer, filled, buffer.length - filled, null);
			if (count === 0) break;
			filled += count;
		}
		return buffer.subarray(0, filled);
	} finally {
		closeSync(fd);
	}
}

function typeOf(mode: number): ImageFile['type'] {
	switch (mode & S_IFMT) {
		case S_IFREG:
			return 'file';
		case S_IFDIR:
			return 'directory';
		case S_IFLNK:
			return 'symlink';
		default:
			return 'other';
	}
}

function latin1(path: string): string {
	return Buffer.from(path, 'utf8').toString('latin1');
}

function badFile(path: string, fault: string): TsrunError {
	return new TsrunError('TSRUN_BAD_IMAGE_FILE', `file ${path} of the image ${fault}`, {
		hint: 'give user and group as numbers, which need no look into the image',
	});
}
