import { createHash } from 'node:crypto';
import { type Digest, parseDigest, splitDigest } from '../core/brands.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** 130 bits: no two layers meet, and 120 lower directories fit into the one page of mount options (mount(2)). */
const NAME_LENGTH = 26;

/** The directory name of a layer: the beginning of its digest in lower-case base32 (RFC 4648). */
export function layerName(id: Digest): string {
	const { hex } = splitDigest(id);
	let bits = BigInt(`0x${hex.slice(0, 34)}`) >> 6n;
	let name = '';
	for (let i = 0; i < NAME_LENGTH; i++) {
		name = (ALPHABET[Number(bits & 31n)] ?? '') + name;
		bits >>= 5n;
	}
	return name;
}

/** The directory name of a layer that is right only above the layers of its chain. Never the name of another layer. */
export function chainLayerName(chainId: Digest): string {
	return layerName(sha256(`chain ${chainId}`));
}

/** The chainID of each layer, bottom first (image-spec 1.1, config.md, "Layer ChainID"). */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
	const chain: Digest[] = [];
	for (const diffId of diffIds) {
		const below = chain.at(-1);
		chain.push(below === undefined ? diffId : sha256(`${below} ${diffId}`));
	}
	return chain;
}

function sha256(text: string): Digest {
	return parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);
}
