import { TsrunError } from './errors.ts';

/** `sha256:` or `sha512:` and the lower-case hex of a digest; made only by {@link parseDigest}. */
export type Digest = string & { readonly __brand: 'Digest' };

/** A name that can be a directory of the state and of a cgroup; made only by {@link parseContainerId}. */
export type ContainerId = string & { readonly __brand: 'ContainerId' };

const DIGEST_HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Reads a digest (image-spec, descriptor.md, "Digests"). Only registered algorithms and their exact length pass, so a digest
 * can be part of a path (CVE-2024-3727).
 * @throws TsrunError TSRUN_BAD_DIGEST
 */
export function parseDigest(text: string): Digest {
	const match = /^([a-z0-9]+):([0-9a-f]+)$/.exec(text);
	const length = match?.[1] === undefined ? undefined : DIGEST_HEX_LENGTH[match[1]];
	if (match?.[2] === undefined || length === undefined || match[2].length !== length) {
		throw new TsrunError('TSRUN_BAD_DIGEST', `digest ${JSON.stringify(text.slice(0, 160))} is not valid`, {
			hint: 'expected sha256: and 64 lower-case hex digits (or sha512: and 128)',
		});
	}
	return text as Digest;
}

/** The algorithm and the hex digits of a digest. */
export function splitDigest(digest: Digest): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } {
	const colon = digest.indexOf(':');
	return { algorithm: digest.slice(0, colon) as 'sha256' | 'sha512', hex: digest.slice(colon + 1) };
}

/** The longest name of a directory (NAME_MAX), less what the state puts before it while it is made. */
const MAX_ID_LENGTH = 250;

/** Whether a text can be the id of a container: what runc takes, but not a leading dot, which marks files of the state itself. */
export function isContainerId(text: string): boolean {
	return /^[A-Za-z0-9_+,-][A-Za-z0-9_+,.-]*$/.test(text) && text.length <= MAX_ID_LENGTH;
}

/** @throws TsrunError TSRUN_BAD_CONTAINER_ID */
export function parseContainerId(text: string): ContainerId {
	if (!isContainerId(text)) {
		throw new TsrunError(
			'TSRUN_BAD_CONTAINER_ID',
			`invalid container ID format: ${JSON.stringify(text.slice(0, 80))}`,
			{
				hint: `an id has 1 to ${MAX_ID_LENGTH} letters, digits and _ + - . and begins with no dot`,
			},
		);
	}
	return text as ContainerId;
}
