import { expect, it } from 'vitest';
import { parseInteger } from '../../../src/spec/parse-integer.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const range = { min: -1, max: 1000, example: '100' };

it.each([
	['0', 0],
	['-1', -1],
	['1000', 1000],
	['007', 7],
])('reads %s', (text, value) => {
	expect(parseInteger('--pids-limit', text, range)).toBe(value);
});

it('reads -0 as 0', () => {
	expect(Object.is(parseInteger('--pids-limit', '-0', range), 0)).toBe(true);
});

it.each(['', ' 1', '1 ', '+1', '1e2', '0x1', '1.0', '١', '-', '--1'])('refuses %j, which is no whole number', text => {
	expect(expectBadFlag(() => parseInteger('--pids-limit', text, range), '--pids-limit', text).message).toContain(
		'whole number',
	);
});

it.each(['1001', '-2', '99999999999999999999', '9223372036854775807'])('refuses %j, which is out of range', text => {
	expectBadFlag(() => parseInteger('--pids-limit', text, range), '--pids-limit', text);
});
