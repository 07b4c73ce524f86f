import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { badLayer } from './bad-layer.ts';
import type { ByteRange } from './decompress.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerWriter, type WrittenLayer } from './layer-writer.ts';
import { NeedsLowerLayers, openLowerView } from './lower-view.ts';
import type { Arrival } from './read-arriving.ts';
import { readLayer, tooLarge } from './read-layer.ts';
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
 * @param chunks the bytes of its tar, where somebody else reads and verifies them
 * @throws TsrunError TSRUN_BAD_LAYER, TSRUN_BAD_BLOB, TSRUN_LAYER_TOO_LARGE, TSRUN_DISK_FULL, TSRUN_UNPACK
 */
export async function extractLayer(
	job: ExtractJob,
	chunks: AsyncIterable<Buffer> = readLayer(job),
): Promise<Extraction> {
	const { target, overlayXattrs, limits } = job;
	const lower = job.lower === undefined ? undefined : openLowerView(job.lower);
	let writer: LayerWriter | undefined;
	try {
		const made = new LayerWriter({ target, lower, overlayXattrs });
		writer = made;
		await readTar(chunks, {
			maxEntries: limits.maxEntries,
			onEntry: entry => {
				if ((entry.sparse?.realSize ?? 0) > limits.maxBytes) throw tooLarge(limits);
				return made.add(entry);
			},
		});
		return { kind: 'extracted', ...made.finish() };
	} catch (error) {
		if (error instanceof NeedsLowerLayers) return { kind: 'needs-lower' };
		throw wordFailure(error, job);
	} finally {
		writer?.close();
		lower?.close();
	}
}

/** Below here nothing knows which layer it reads. */
function naming(error: TsrunError, diffId: Digest): TsrunError {
	const { code, message, hint, exitCode } = error;
	if (!message.startsWith('layer ') || message.includes(diffId)) return error;
	const words = `layer ${diffId} ${message.slice('layer '.length)}`;
	return new TsrunError(code, words, { exitCode, cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** What ended the reading or the writing of a layer, in words that name it. */
export function wordFailure(error: unknown, { diffId, target }: ExtractJob): unknown {
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
