/** The text of a control file of one cgroup; undefined where the kernel has no such file. */
export type ReadControl = (file: string) => string | undefined;

/** What the kernel writes as `max`. */
export const UNLIMITED = 2n ** 64n - 1n;

/** The number that a file holds: `max` is {@link UNLIMITED}, a negative number 0; undefined where there is no file or no number. */
export function numberIn(read: ReadControl, file: string): bigint | undefined {
	return parseNumber(read(file)?.trim());
}

export function parseNumber(text: string | undefined): bigint | undefined {
	if (text === 'max') return UNLIMITED;
	if (text === undefined || !/^-?\d+$/.test(text)) return undefined;
	return text.startsWith('-') ? 0n : BigInt(text);
}

/** A file of lines `key number`. */
export function keyedNumbers(text: string | undefined): ReadonlyMap<string, bigint> {
	const pairs = linesOf(text).flatMap((line): readonly [string, bigint][] => {
		const [key = '', value] = line.split(' ');
		const number = parseNumber(value);
		return number === undefined ? [] : [[key, number]];
	});
	return new Map(pairs);
}

export function linesOf(text: string | undefined): readonly string[] {
	return text === undefined ? [] : text.split('\n').filter(line => line !== '');
}
