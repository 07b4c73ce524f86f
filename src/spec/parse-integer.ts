import { badFlag } from './bad-flag.ts';

export interface IntegerRange {
	readonly min: number;
	readonly max: number;
	/** A good value, for the hint. */
	readonly example: string;
}

/**
 * Reads a whole decimal number: no sign but `-`, no exponent, no blank, no other base.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseInteger(flag: string, text: string, { min, max, example }: IntegerRange): number {
	const value = /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isNaN(value)) {
		throw badFlag(flag, text, { problem: 'is not a whole number', example: `${flag} ${example}` });
	}
	if (value < min || value > max || !Number.isSafeInteger(value)) {
		throw badFlag(flag, text, { problem: `is not between ${min} and ${max}`, example: `${flag} ${example}` });
	}
	return value + 0;
}
