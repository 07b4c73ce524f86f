import { closeSync, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { TsrunError } from '../core/errors.ts';
import type { BlobLocation } from './image-source.ts';
import { openRegularFile, readRange, streamRange } from './open-regular-file.ts';

const MAX_MEMBERS = 100_000;
const MAX_LINKS = 8;
/** tar-stream knows the second option; its types do not. */
const TAR_OPTIONS = { highWaterMark: 1 << 20, allowUnknownFormat: true };

/** First bytes of files that are compressed: gzip, zstd, xz, bzip2. */
const COMPRESSED = /^(1f8b|28b52ffd|5[0-9a-f]2a4d18|fd377a58|425a68)/;

/** Makes a plain copy of a compressed archive. @returns its path; whoever told how to unpack removes it */
export type Unpack = (path: string) => Promise<string>;

/** A place in the archive file. */
export interface Member {
	readonly offset: number;
	readonly size: number;
}

/** A tar file whose members are read in place; no name of it ever becomes a path on the host. */
export interface Archive {
	readonly path: string;
	/** Finds a regular file; symbolic and hard links inside the archive are followed. */
	readonly find: (name: string) => Member | undefined;
	readonly read: (member: Member, limit: number) => Buffer;
	readonly open: (member: Member) => Readable;
	readonly locate: (member: Member) => BlobLocation;
	readonly close: () => void;
}

interface Entry extends Member {
	readonly link?: string;
}

/**
 * Reads the table of contents of a tar file in one pass, of a compressed one that of its plain copy.
 * @throws TsrunError TSRUN_NO_FILE, TSRUN_BAD_ARCHIVE, and what `unpack` throws
 */
export async function openArchive(path: string, unpack: Unpack): Promise<Archive> {
	const file = openRegularFile(path, 'archive');
	let fd = file.fd;
	try {
		const magic = readRange(fd, { offset: 0, size: 4, limit: 4, what: path });
		if (COMPRESSED.test(magic.toString('hex'))) {
			const plain = openRegularFile(await unpack(path), 'archive');
			closeSync(fd);
			fd = plain.fd;
		}
		const entries = await readEntries(fd);
		return {
			path,
			find: name => findFile(entries, name),
			read: (member, limit) => readRange(fd, { ...member, limit, what: `${path}: member` }),
			open: member => streamRange(fd, member),
			locate: ({ offset, size }) => ({ path: `/proc/self/fd/${fd}`, start: offset, size }),
			close: () => closeSync(fd),
		};
	} catch (cause) {
		closeSync(fd);
		if (cause instanceof TsrunError) throw cause;
		throw new TsrunError('TSRUN_BAD_ARCHIVE', `archive ${path} cannot be read: ${wordsOf(cause as Error)}`, {
			hint: 'expected a tar file, plain or compressed with gzip or zstd',
			cause,
		});
	}
}

async function readEntries(fd: number): Promise<ReadonlyMap<string, Entry>> {
	const entries = new Map<string, Entry>();
	const scanner = extract(TAR_OPTIONS);
	scanner.on('entry', ({ name, type, size = 0, linkname, byteOffset = 0 }: ScannedHeader, stream, next) => {
		if (entries.size >= MAX_MEMBERS) return next(new Error(`more than ${MAX_MEMBERS} members`));
		const key = cleanName(name);
		const directory = posix.dirname(key);
		if (type === 'file' || type === 'contiguous-file') entries.set(key, { offset: byteOffset, size });
		if (type === 'symlink')
			entries.set(key, { offset: 0, size: 0, link: cleanName(posix.join(directory, linkname ?? '')) });
		if (type === 'link') entries.set(key, { offset: 0, size: 0, link: cleanName(linkname ?? '') });
		stream.on('end', () => next());
		stream.resume();
	});
	await pipeline(streamRange(fd, { offset: 0, size: fstatSync(fd).size }), scanner);
	return entries;
}

/** tar-stream tells where a member's data begins; its types do not. */
type ScannedHeader = Header & { readonly byteOffset?: number };

function findFile(entries: ReadonlyMap<string, Entry>, name: string): Member | undefined {
	let entry = entries.get(cleanName(name));
	for (let hops = 0; entry?.link !== undefined && hops < MAX_LINKS; hops++) entry = entries.get(entry.link);
	return entry?.link === undefined ? entry : undefined;
}

function cleanName(name: string): string {
	return posix.normalize(name).replace(/^\/+/, '').replace(/\/+$/, '');
}

/** The first sentence of an error of tar-stream or zlib, as a clause. */
function wordsOf({ message }: Error): string {
	const sentence = message.split('. ', 1)[0] ?? message;
	return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
