import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/json-field.ts';

export interface BlobLocation {
	readonly path: string;
	/** Offset of the first byte. */
	readonly start: number;
	readonly size: number;
}

/** Where the bytes of an image come from: a directory, an archive. Nothing that it returns has been verified. */
export interface BlobAccess {
	/** At most `limit` bytes; a longer blob is an error. */
	readonly readBlob: (digest: Digest, limit: number) => Buffer;
	readonly openBlob: (digest: Digest) => Readable;
	/** The file that holds the blob, and where in it: for a second reader beside {@link openBlob}. */
	readonly locateBlob: (digest: Digest) => BlobLocation;
}

/** An image that was found outside of the store. */
export interface ImageSource extends BlobAccess {
	/** The reference, for messages. */
	readonly description: string;
	/** What the reference stands for: one manifest or index, or one manifest for each platform. */
	readonly candidates: readonly Descriptor[];
	/** Full names under which `tsrun load` puts the image in the store. */
	readonly names: readonly string[];
}

/**
 * Reads a JSON document of an image and verifies its size and digest.
 * @throws TsrunError TSRUN_BAD_BLOB, TSRUN_BAD_IMAGE
 */
export function readDocument(blobs: Pick<BlobAccess, 'readBlob'>, descriptor: Descriptor): Buffer {
	const { digest, size } = descriptor;
	if (size > MAX_DOCUMENT_BYTES) {
		throw new TsrunError(
			'TSRUN_BAD_IMAGE',
			`document ${digest} is ${size} bytes long, the limit is ${MAX_DOCUMENT_BYTES}`,
		);
	}
	const bytes = blobs.readBlob(digest, MAX_DOCUMENT_BYTES);
	if (bytes.length !== size) {
		throw new TsrunError(
			'TSRUN_BAD_BLOB',
			`blob ${digest} is ${bytes.length} bytes long where its descriptor says ${size}`,
		);
	}
	const { algorithm, hex } = splitDigest(digest);
	const actual = createHash(algorithm).update(bytes).digest('hex');
	if (actual !== hex) {
		throw new TsrunError('TSRUN_BAD_BLOB', `blob ${digest} has the digest ${algorithm}:${actual}`, {
			hint: 'the image is damaged, or it was changed after it was made',
		});
	}
	return bytes;
}
