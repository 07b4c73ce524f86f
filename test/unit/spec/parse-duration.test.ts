import { expect, it } from 'vitest';
import { parseDuration } from '../../../src/spec/parse-duration.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['5s', 5000],
	['100ms', 100],
	['1m30s', 90_000],
	['1.5h', 5_400_000],
	['250us', 0.25],
])('reads %s as %d ms', (text, milliseconds) => {
	expect(parseDuration('--interval', text)).toBeCloseTo(milliseconds, 9);
});

it.each(['', '5', '0s', '-1s', '1d', '5 s', 's', '1s,'])('refuses %j', text => {
	expectBadFlag(() => parseDuration('--interval', text), '--interval', text);
});
