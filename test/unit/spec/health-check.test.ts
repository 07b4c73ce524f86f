import { describe, expect, it } from 'vitest';
import { healthCheckOf, probeArgs } from '../../../src/spec/health-check.ts';

const IMAGE = { test: ['CMD', 'probe', '-x'], interval: 5e9, timeout: 2e9, startPeriod: 1e9, retries: 7 };
const UNSET = { test: ['CMD-SHELL', 'probe'], interval: 0, timeout: 0, startPeriod: 0, retries: 0 };

describe('healthCheckOf', () => {
	it('is none without a test', () => {
		expect(healthCheckOf(undefined, { isOff: false })).toBeUndefined();
		expect(healthCheckOf(undefined, { isOff: false, intervalMs: 5 })).toBeUndefined();
	});

	it.each([[['NONE']], [[]], [['CMD']], [['CMD-SHELL', '']], [['other', 'x']]])(
		'is none where the image says %j',
		test => {
			expect(healthCheckOf({ ...IMAGE, test }, { isOff: false })).toBeUndefined();
		},
	);

	it('is that of the image, with docker’s numbers where it has none', () => {
		expect(healthCheckOf(IMAGE, { isOff: false })).toEqual({
			test: IMAGE.test,
			intervalMs: 5000,
			timeoutMs: 2000,
			startPeriodMs: 1000,
			retries: 7,
		});
		expect(healthCheckOf(UNSET, { isOff: false })).toEqual({
			test: UNSET.test,
			intervalMs: 30_000,
			timeoutMs: 30_000,
			startPeriodMs: 0,
			retries: 3,
		});
	});

	it('is what the flags say, one by one', () => {
		expect(healthCheckOf(IMAGE, { isOff: false, command: 'true', retries: 1 })).toEqual({
			test: ['CMD-SHELL', 'true'],
			intervalMs: 5000,
			timeoutMs: 2000,
			startPeriodMs: 1000,
			retries: 1,
		});
		expect(healthCheckOf(IMAGE, { isOff: false, intervalMs: 100, timeoutMs: 200, startPeriodMs: 300 })).toMatchObject({
			intervalMs: 100,
			timeoutMs: 200,
			startPeriodMs: 300,
		});
		expect(healthCheckOf(IMAGE, { isOff: true })).toBeUndefined();
	});
});

it('probeArgs: a shell for a line, else the program itself', () => {
	const rest = { intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, retries: 1 };
	expect(probeArgs({ test: ['CMD-SHELL', 'a | b'], ...rest })).toEqual(['/bin/sh', '-c', 'a | b']);
	expect(probeArgs({ test: ['CMD', 'a', 'b'], ...rest })).toEqual(['a', 'b']);
});
