import { createHash } from 'node:crypto';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { badLayer } from './bad-layer.ts';
import { type ByteRange, decompress } from './decompress.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerWriter, type WrittenLayer } from './layer-writer.ts';
import { NeedsLowerLayers, openLowerView } from './lower-view.ts';
import type { Arrival } from './read-arriving.ts';
import { readTar } from './read-tar.ts';

export interface LayerLimits {
	readonly maxEntries: number;
	/** Of the uncompressed tar, and of each sparse file. */
	readonly maxBytes: number;
}

export const DEFAULT_LIMITS: LayerLimits = { maxEntries: 2_000_000, maxBytes: 64 * 2 ** 30 };

/** One layer to extract: plain data, so that it can be sent to another thread. */
export interface ExtractJob {
	/** File that holds the layer, plain or compressed, and where in it: all of it unless told. */
	readonly blob: string;
	readonly range?: ByteRange;
	/** Set while the file is still written. */
	readonly arrival?: Arrival;
	readonly diffId: Digest;
	/** An empty directory. */
	readonly target: string;
	/** Directories of the layers below, top first; absent while they are not there yet. */
	readonly lower?: readonly string[];
	readonly limits: LayerLimits;
	readonly overlayXattrs: string;
}

export type Extraction =
	| (WrittenLayer & { readonly kind: 'extracted'; readonly root: Metadata | undefined })
	/** The layer can only be extracted when those below are there; `target` holds rubbish. */
	| { readonly kind: 'needs-lower' };

/**
 * Extracts a layer into a directory, and verifies its diffID. On failure the directory holds rubbish, which the caller removes.
 * @throws TsrunError TSRUN_BAD_LAYER, TSRUN_BAD_BLOB, TSRUN_LAYER_TOO_LARGE, TSRUN_DISK_FULL, TSRUN_UNPACK
 */
export async function extractLayer(job: ExtractJob): Promise<Extraction> {
	const lower = job.lower === undefined ? undefined : openLowerView(job.lower);
	let writer: LayerWriter | undefined;
	try {
		writer = new LayerWriter({ target: job.target, lower, overlayXattrs: job.overlayXattrs });
		await readInto(writer, job);
		return { kind: 'extracted', ...writer.finish() };
	} catch (error) {
		if (error instanceof NeedsLowerLayers) return { kind: 'needs-lower' };
		throw wordFailure(error, job);
	} finally {
		writer?.close();
		lower?.close();
	}
}

async function readInto(writer: LayerWriter, { blob, range, arrival, diffId, limits }: ExtractJob): Promise<void> {
	const { algorithm, hex } = splitDigest(diffId);
	const hash = createHash(algorithm);
	await readTar(hashed(decompress(blob, range, arrival), hash, limits), {
		maxEntries: limits.maxEntries,
		onEntry: entry => {
			if ((entry.sparse?.realSize ?? 0) > limits.maxBytes) throw tooLarge(limits);
			return writer.add(entry);
		},
	});
	const actual = hash.digest('hex');
	if (actual === hex) return;
	throw new TsrunError('TSRUN_BAD_BLOB', `layer ${diffId} has the diffID ${algorithm}:${actual} when it is unpacked`, {
		hint: "the image's config does not belong to its layers",
	});
}

async function* hashed(
	chunks: AsyncIterable<Buffer>,
	hash: ReturnType<typeof createHash>,
	limits: LayerLimits,
): AsyncGenerator<Buffer> {
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		if (bytes > limits.maxBytes) throw tooLarge(limits);
		hash.update(chunk);
		yield chunk;
	}
}

/** Below here nothing knows which layer it reads. */
function naming(error: TsrunError, diffId: Digest): TsrunError {
	const { code, message, hint, exitCode } = error;
	if (!message.startsWith('layer ') || message.includes(diffId)) return error;
	const words = `layer ${diffId} ${message.slice('layer '.length)}`;
	return new TsrunError(code, words, { exitCode, cause: error, ...(hint === undefined ? {} : { hint }) });
}

function tooLarge({ maxBytes }: LayerLimits): TsrunError {
	return new TsrunError('TSRUN_LAYER_TOO_LARGE', `layer unpacks to more than the limit of ${maxBytes} bytes`, {
		hint: 'a small file that unpacks to very much is how a disk is filled on purpose',
	});
}

function wordFailure(error: unknown, { diffId, target }: ExtractJob): unknown {
	if (error instanceof TsrunError) return naming(error, diffId);
	const { code = '', message, syscall } = error as NodeJS.ErrnoException;
	if (code === 'ENOSPC' || code === 'EDQUOT') {
		return new TsrunError(
			'TSRUN_DISK_FULL',
			`layer ${diffId} cannot be unpacked in ${target}: no space left on device`,
			{
				hint: 'free space or inodes there (df, df -i), or choose another directory with --data-root',
				cause: error,
			},
		);
	}
	if (code.startsWith('Z_')) {
		return badLayer(`${diffId} cannot be decompressed: ${message}`, {
			hint: 'the layer is truncated or damaged',
			cause: error,
		});
	}
	if (syscall === undefined) return error;
	const hint = code === 'EPERM' ? 'owners and devices of an image need root' : `the call was ${message}`;
	return new TsrunError(
		'TSRUN_UNPACK',
		`layer ${diffId} cannot be unpacked in ${target}: ${message.split(', ').pop()}`,
		{
			hint,
			cause: error,
		},
	);
}
