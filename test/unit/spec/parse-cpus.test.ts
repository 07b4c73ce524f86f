import { expect, it } from 'vitest';
import { parseCpus } from '../../../src/spec/parse-cpus.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['0', 0],
	['1', 1_000_000_000],
	['1.5', 1_500_000_000],
	['.5', 500_000_000],
	['2.', 2_000_000_000],
	['0.01', 10_000_000],
	['0.123456789', 123_456_789],
	['0.1234567890000', 123_456_789],
])('reads %s CPUs', (text, nano) => {
	expect(parseCpus('--cpus', text)).toBe(nano);
});

it.each(['', '.', '-1', '1e3', '0x1', ' 1', 'abc', '0.009', '0.0000000001', '1.2.3', '9999999'])('refuses %j', text => {
	expectBadFlag(() => parseCpus('--cpus', text), '--cpus', text);
});
