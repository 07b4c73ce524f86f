import { expect, it } from 'vitest';
import { ringSize } from '../../../src/runtime/health/health-files.ts';

const CHECK = { test: ['CMD', 'x'], intervalMs: 30_000, timeoutMs: 1000, startPeriodMs: 0, retries: 3 };

it.each([
	['is 32 in common', {}, 32],
	['has room for all retries and the probe on its way', { retries: 40 }, 42],
	[
		'has room for the start period, whose failures are to be known as such',
		{ startPeriodMs: 300_000, intervalMs: 1000 },
		302,
	],
	['is bounded', { retries: 1e9, startPeriodMs: 1e9, intervalMs: 1 }, 1024],
])('the ring of probes %s', (_, change, size) => {
	expect(ringSize({ ...CHECK, ...change })).toBe(size);
});
