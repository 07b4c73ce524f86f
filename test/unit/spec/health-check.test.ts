import { describe, expect, it } from 'vitest';
import { healthCheckOf, probeArgs } from '../../../src/spec/health-check.ts';

const IMAGE = { test: ['CMD', 'probe', '-x'], interval: 5e9, timeout: 2e9, startPeriod: 1e9, retries: 7 };
const UNSET = { test: ['CMD-SHELL', 'probe'], interval: 0, timeout: 0, startPeriod: 0, retries: 0 };

describe('healthCheckOf', () => {
	it('is none without a test', () => {
		expect(healthCheckOf({}, { isOff: false })).toBeUndefined();
		expect(healthCheckOf({}, { isOff: false, intervalMs: 5 })).toBeUndefined();
	});

	it.each([[['NONE']], [[]], [['CMD']], [['CMD-SHELL', '']], [['other', 'x']]])(
		'is none where the image says %j',
		test => {
			expect(healthCheckOf({ healthcheck: { ...IMAGE, test } }, { isOff: false })).toBeUndefined();
		},
	);

	it('is that of the image, with docker’s numbers where it has none', () => {
		expect(healthCheckOf({ healthcheck: IMAGE }, { isOff: false })).toEqual({
			test: IMAGE.test,
			intervalMs: 5000,
			timeoutMs: 2000,
			startPeriodMs: 1000,
			retries: 7,
		});
		expect(healthCheckOf({ healthcheck: UNSET }, { isOff: false })).toEqual({
			test: UNSET.test,
			intervalMs: 30_000,
			timeoutMs: 30_000,
			startPeriodMs: 0,
			retries: 3,
		});
	});

	it('is what the flags say, one by one', () => {
		expect(healthCheckOf({ healthcheck: IMAGE }, { isOff: false, command: 'true', retries: 1 })).toEqual({
			test: ['CMD-SHELL', 'true'],
			intervalMs: 5000,
			timeoutMs: 2000,
			startPeriodMs: 1000,
			retries: 1,
		});
		expect(
			healthCheckOf({ healthcheck: IMAGE }, { isOff: false, intervalMs: 100, timeoutMs: 200, startPeriodMs: 300 }),
		).toMatchObject({
			intervalMs: 100,
			timeoutMs: 200,
			startPeriodMs: 300,
		});
		expect(healthCheckOf({ healthcheck: IMAGE }, { isOff: true })).toBeUndefined();
	});

	it('has the shell of the image, also for the line of a flag', () => {
		const shell = ['/bin/bash', '-c'];
		expect(healthCheckOf({ shell }, { isOff: false, command: 'true' })).toMatchObject({
			test: ['CMD-SHELL', 'true'],
			shell,
		});
	});
});

it('probeArgs: a shell for a line, else the program itself', () => {
	const rest = { intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, retries: 1 };
	expect(probeArgs({ test: ['CMD-SHELL', 'a | b'], ...rest })).toEqual(['/bin/sh', '-c', 'a | b']);
	expect(probeArgs({ test: ['CMD-SHELL', 'a | b'], shell: ['/bin/bash', '-ec'], ...rest })).toEqual([
		'/bin/bash',
		'-ec',
		'a | b',
	]);
	expect(probeArgs({ test: ['CMD', 'a', 'b'], shell: ['/bin/bash', '-ec'], ...rest })).toEqual(['a', 'b']);
});
