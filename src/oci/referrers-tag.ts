import { type Digest, splitDigest } from '../core/brands.ts';

/** Under which tag the list of what refers to a manifest is, where nobody else keeps it (distribution-spec 1.1, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
	const { algorithm, hex } = splitDigest(subject);
	return `${algorithm}-${hex.slice(0, 64)}`;
}

export function isReferrersTag(tag: string): boolean {
	return /^sha(256|512)-[0-9a-f]{64}$/.test(tag);
}
