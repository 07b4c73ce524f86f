import { createHash } from 'node:crypto';
import { splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { decompress } from './decompress.ts';
import type { ExtractJob, LayerLimits } from './extract-layer.ts';

/**
 * The bytes of a layer's tar. They are verified when the last one has been read: whoever acts on them must be able to undo that.
 * @throws TsrunError TSRUN_BAD_BLOB, TSRUN_LAYER_TOO_LARGE, and what {@link decompress} throws
 */
export async function* readLayer({ blob, range, arrival, diffId, limits }: ExtractJob): AsyncGenerator<Buffer> {
	const { algorithm, hex } = splitDigest(diffId);
	const hash = createHash(algorithm);
	let bytes = 0;
	for await (const chunk of decompress(blob, range, arrival)) {
		bytes += chunk.length;
		if (bytes > limits.maxBytes) throw tooLarge(limits);
		hash.update(chunk);
		yield chunk;
	}
	const actual = hash.digest('hex');
	if (actual === hex) return;
	throw new TsrunError('TSRUN_BAD_BLOB', `layer ${diffId} has the diffID ${algorithm}:${actual} when it is unpacked`, {
		hint: "the image's config does not belong to its layers",
	});
}

export function tooLarge({ maxBytes }: LayerLimits): TsrunError {
	return new TsrunError('TSRUN_LAYER_TOO_LARGE', `layer unpacks to more than the limit of ${maxBytes} bytes`, {
		hint: 'a small file that unpacks to very much is how a disk is filled on purpose',
	});
}
