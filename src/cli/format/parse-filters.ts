import { badFlag } from '../../spec/bad-flag.ts';

/** `--filter`: the values of each key. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/**
 * Reads `--filter KEY=VALUE`, given any number of times.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseFilters(words: readonly string[], known: readonly string[]): Filters {
	const filters: Record<string, string[]> = {};
	for (const word of words) {
		const equals = word.indexOf('=');
		const key = equals === -1 ? word : word.slice(0, equals);
		if (equals === -1) {
			throw badFlag('--filter', word, {
				problem: 'is not of the form KEY=VALUE',
				example: `--filter ${known[0]}=VALUE`,
			});
		}
		if (!known.includes(key)) {
			const problem = `has the key ${JSON.stringify(key)}; there are ${known.join(', ')}`;
			throw badFlag('--filter', word, { problem, example: `--filter ${known[0]}=VALUE` });
		}
		filters[key] = [...(filters[key] ?? []), word.slice(equals + 1)];
	}
	return filters;
}

/** Collects an option that can be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
	return [...before, value];
}

/** Whether the labels have each that is asked for, as `KEY` or `KEY=VALUE`. */
export function labelsMatch(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
	return wanted.every(text => {
		const equals = text.indexOf('=');
		if (equals === -1) return Object.hasOwn(labels, text);
		const key = text.slice(0, equals);
		return Object.hasOwn(labels, key) && labels[key] === text.slice(equals + 1);
	});
}

/** Whether a name fits a pattern of `*`, `?` and `[…]`, in which `*` does not go beyond a slash. */
export function nameMatches(name: string, pattern: string): boolean {
	const source = pattern.replace(/\[[^\]]*\]|[\s\S]/g, part => {
		if (part === '*') return '[^/]*';
		if (part === '?') return '[^/]';
		return part.length > 1 ? part : part.replace(/[.+^$(){}|\\[\]/]/, '\\$&');
	});
	try {
		return new RegExp(`^${source}$`).test(name);
	} catch {
		return false;
	}
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * A moment: a time (RFC 3339, or a date), seconds since the epoch, or how long ago (`10m`, `1h30m`).
 * @returns milliseconds since the epoch
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseMoment(flag: string, text: string, now: number): number {
	if (/^(\d+(\.\d+)?[smhd])+$/.test(text)) {
		const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
		return now - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0) * 1000, 0);
	}
	if (/^\d{9,}(\.\d+)?$/.test(text)) return Number(text) * 1000;
	const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
	if (!Number.isNaN(time)) return time;
	throw badFlag(flag, text, { problem: 'is neither a time nor a duration', example: `${flag} 24h` });
}
