import { createHash, randomBytes } from 'node:crypto';
import {
	closeSync,
	createReadStream,
	fdatasync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { blobPath, type Store } from './open-store.ts';

export function hasBlob(store: Store, { digest, size }: Descriptor): boolean {
	return statSync(blobPath(store, digest), { throwIfNoEntry: false })?.size === size;
}

/** Reads a document that {@link writeBlob} verified. */
export function readBlob(store: Store, digest: Digest): Buffer {
	try {
		return readFileSync(blobPath(store, digest));
	} catch (cause) {
		throw new TsrunError(
			'TSRUN_STORE',
			`blob ${digest} of the store cannot be read: ${(cause as NodeJS.ErrnoException).code}`,
			{
				hint: 'remove the image with tsrun rmi and load it again',
				cause,
			},
		);
	}
}

export function openBlob(store: Store, digest: Digest): Readable {
	return createReadStream(blobPath(store, digest), { highWaterMark: 1 << 18 });
}

/**
 * Copies a blob into the store. Size and digest are verified on the way; the blob appears under its name only when it is
 * complete and on disk.
 * @throws TsrunError TSRUN_BAD_BLOB, TSRUN_DISK_FULL
 */
export function writeBlob(store: Store, blob: Descriptor, content: AsyncIterable<Uint8Array>): Promise<void> {
	return receiveBlob(store, blob, { content });
}

export interface BlobContent {
	readonly content: AsyncIterable<Uint8Array>;
	/** Is told the file that holds what has been read of the content, until the blob is complete. */
	readonly onFile?: (path: string) => void;
}

/** As {@link writeBlob}, for who reads the blob while it is written. */
export async function receiveBlob(
	store: Store,
	{ digest, size }: Descriptor,
	{ content, onFile }: BlobContent,
): Promise<void> {
	const { algorithm, hex } = splitDigest(digest);
	const temporary = join(store.tmp, `blob-${hex.slice(0, 12)}-${randomBytes(6).toString('hex')}`);
	const fd = openSync(temporary, 'wx', 0o600);
	try {
		onFile?.(temporary);
		const hash = createHash(algorithm);
		let length = 0;
		for await (const chunk of content) {
			length += chunk.length;
			if (length > size) throw badBlob(digest, `is longer than the ${size} bytes of its descriptor`);
			hash.update(chunk);
			writeAll(fd, chunk);
		}
		if (length !== size) throw badBlob(digest, `is ${length} bytes long where its descriptor says ${size}`);
		const actual = hash.digest('hex');
		if (actual !== hex) throw badBlob(digest, `has the digest ${algorithm}:${actual}`);
		// Not in this thread: other work goes on while the disk writes.
		await promisify(fdatasync)(fd);
		renameSync(temporary, blobPath(store, digest));
	} catch (error) {
		rmSync(temporary, { force: true });
		throw wordWriteError(error, digest, store);
	} finally {
		closeSync(fd);
	}
}

function writeAll(fd: number, chunk: Uint8Array): void {
	for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
}

function wordWriteError(error: unknown, digest: Digest, store: Store): unknown {
	const code = (error as NodeJS.ErrnoException).code;
	if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
	return new TsrunError(
		'TSRUN_DISK_FULL',
		`blob ${digest} cannot be written to ${store.root}: no space left on device`,
		{
			hint: `free space there (df ${store.root}), or choose another directory with --data-root`,
			cause: error,
		},
	);
}

function badBlob(digest: Digest, fault: string): TsrunError {
	return new TsrunError('TSRUN_BAD_BLOB', `blob ${digest} ${fault}`, {
		hint: 'the image is damaged, or it was changed after it was made',
	});
}
