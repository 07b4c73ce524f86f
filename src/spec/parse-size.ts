import { badFlag } from './bad-flag.ts';

const UNITS: Readonly<Record<string, number>> = {
	'': 1,
	k: 1024,
	m: 1024 ** 2,
	g: 1024 ** 3,
	t: 1024 ** 4,
	p: 1024 ** 5,
};

/**
 * Reads docker's sizes: a number, with a fraction if wanted, and one of `b k m g t p` (also `kb`, `KiB`); powers of 1024, fractions
 * of a byte are cut off.
 * @throws TsrunError TSRUN_BAD_FLAG when it is not a size or above 2^53
 */
export function parseSize(flag: string, text: string): number {
	const match = /^(\d{1,20}(?:\.\d{1,20})?)(?: ?([kmgtp])(?:i?b)?| ?b)?$/i.exec(text);
	const unit = UNITS[match?.[2]?.toLowerCase() ?? ''];
	if (match?.[1] === undefined || unit === undefined) {
		throw badFlag(flag, text, { problem: 'is not a size', example: `${flag} 512m` });
	}
	const bytes = Math.floor(Number(match[1]) * unit);
	if (!Number.isSafeInteger(bytes)) throw badFlag(flag, text, { problem: 'is too large', example: `${flag} 512m` });
	return bytes;
}
