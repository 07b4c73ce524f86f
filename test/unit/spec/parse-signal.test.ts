import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { parseSignal } from '../../../src/spec/parse-signal.ts';

it.each(Object.entries(constants.signals))('agrees with the system on %s', (name, number) => {
	expect(parseSignal(name)).toBe(number);
});

it.each([
	['term', 15],
	['9', 9],
	['SIGRTMIN', 34],
	['RTMIN+3', 37],
	['RTMAX-1', 63],
	['64', 64],
])('reads %s', (text, number) => {
	expect(parseSignal(text)).toBe(number);
});

it.each(['', '0', '65', '-1', 'SIG', 'WHAT', 'RTMIN-1', 'RTMAX+1', 'RTMIN+31', '1e1', ' 9', 'constructor'])(
	'knows no signal %j',
	text => {
		expect(parseSignal(text)).toBeUndefined();
	},
);
