import { badFlag } from './bad-flag.ts';
import { parseDuration } from './parse-duration.ts';

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d(?::\d\d(?:\.\d{1,9})?)?)?)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * Reads docker's times: RFC 3339 in whole or in part, seconds since the epoch with a fraction if wanted, or a duration before now.
 * @param now milliseconds since the epoch
 * @returns RFC 3339 in UTC with nine digits, which can be compared as text
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseTime(flag: string, text: string, now: number): string {
	if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) {
		const [seconds = '', fraction = ''] = text.split('.');
		return withFraction(1000 * Number(seconds), fraction);
	}
	if (DATE.test(text)) {
		const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
		const time = Date.parse(completed(text.replace(/\.\d+/, '')));
		if (!Number.isNaN(time)) return withFraction(time, fraction);
	}
	if (/^\d/.test(text) && /[a-z]$/.test(text)) return withFraction(now - parseDuration(flag, text), '');
	throw badFlag(flag, text, { problem: 'is not a time', hint: 'for example 2026-01-31T10:00:00Z, 1700000000 or 10m' });
}

/** A time without a zone is one of this machine, as with docker. */
function completed(text: string): string {
	const [date = '', time] = text.split('T');
	if (time === undefined) return `${date}T00:00:00`;
	const [, hours = '00', minutes = '00', seconds = '00', zone = ''] =
		/^(\d\d)(?::(\d\d))?(?::(\d\d))?(Z|[+-]\d\d:\d\d)?$/.exec(time) ?? [];
	return `${date}T${hours}:${minutes}:${seconds}${zone}`;
}

function withFraction(milliseconds: number, fraction: string): string {
	const text = new Date(milliseconds).toISOString();
	return fraction === '' ? text.replace('Z', '000000Z') : text.replace(/\.\d{3}Z$/, `.${fraction.padEnd(9, '0')}Z`);
}
