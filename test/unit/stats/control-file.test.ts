import { expect, it } from 'vitest';
import { keyedNumbers, linesOf, numberIn, parseNumber, UNLIMITED } from '../../../src/stats/control-file.ts';

it.each([
	['0', 0n],
	['9223372036854771712', 9_223_372_036_854_771_712n],
	['18446744073709551615', UNLIMITED],
	['max', UNLIMITED],
	['-1', 0n],
	['', undefined],
	['1 2', undefined],
	['x', undefined],
	[undefined, undefined],
])('reads the number %j', (text, value) => {
	expect(parseNumber(text)).toBe(value);
});

it('reads a file of one number, and none where there is no file', () => {
	const read = (file: string): string | undefined => (file === 'pids.max' ? 'max\n' : undefined);
	expect([numberIn(read, 'pids.max'), numberIn(read, 'pids.current')]).toEqual([UNLIMITED, undefined]);
});

it('reads a file of keys, and passes over lines that are none', () => {
	expect([...keyedNumbers('cache 5\nrss 18446744073709551615\n\nwhat\nwhat else\n')]).toEqual([
		['cache', 5n],
		['rss', UNLIMITED],
	]);
	expect(keyedNumbers(undefined).size).toBe(0);
	expect(linesOf('a\n\nb\n')).toEqual(['a', 'b']);
});
