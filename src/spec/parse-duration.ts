import { badFlag } from './bad-flag.ts';

/** Milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
	ns: 1e-6,
	us: 1e-3,
	µs: 1e-3,
	ms: 1,
	s: 1000,
	m: 60_000,
	h: 3_600_000,
};
const PART = /(\d{1,15}(?:\.\d{1,15})?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Reads a duration as Go writes it: `5s`, `100ms`, `1m30s`.
 * @returns milliseconds, more than none
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseDuration(flag: string, text: string): number {
	const example = `${flag} 5s`;
	if (text.replaceAll(PART, '') !== '') throw badFlag(flag, text, { problem: 'is not a duration', example });
	const milliseconds = [...text.matchAll(PART)].reduce(
		(sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0),
		0,
	);
	if (milliseconds <= 0) throw badFlag(flag, text, { problem: 'is not greater than 0', example });
	return milliseconds;
}
