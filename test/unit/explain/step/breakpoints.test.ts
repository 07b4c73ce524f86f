import { describe, expect, it } from 'vitest';
import { breakpointSteps, parseBreakpoint } from '../../../../src/explain/step/breakpoints.ts';
import { PHASES } from '../../../../src/plan/step.ts';
import { STEP_PLAN } from './step-plan.ts';

const steps = (...texts: readonly string[]): readonly number[] => [...breakpointSteps(STEP_PLAN, texts, '--break')];

describe('parseBreakpoint', () => {
	it('takes every phase, also one that is a call too', () => {
		for (const phase of PHASES) expect(parseBreakpoint(phase, '--break')).toEqual({ kind: 'phase', phase });
	});

	it.each([
		['17', { kind: 'number', index: 17 }],
		['init:0', { kind: 'number', index: 0, list: 'init' }],
		['teardown:3', { kind: 'number', index: 3, list: 'teardown' }],
		['pivot_root', { kind: 'call', ops: ['pivotRoot'] }],
		['pivotRoot', { kind: 'call', ops: ['pivotRoot'] }],
		['mknod', { kind: 'call', ops: ['mknodInRoot'] }],
	])('%s', (text, breakpoint) => {
		expect(parseBreakpoint(text, '--break')).toEqual(breakpoint);
	});

	it('gives one name to the call on the host and the one in the container', () => {
		expect(parseBreakpoint('mkdir', '--break')).toEqual({ kind: 'call', ops: ['mkdir', 'mkdirInRoot'] });
	});

	it.each(['', 'Mounts', 'mount s', '-1', '1.5', 'host:3', 'init:', ':3', '9999999999', 'toString', '__proto__'])(
		'refuses %j, and says what there is',
		text => {
			expect(() => parseBreakpoint(text, 'continue')).toThrow(
				expect.objectContaining({
					code: 'TSRUN_BAD_FLAG',
					message: expect.stringMatching(/^continue: there is no place "/),
					hint: expect.stringMatching(/17, init:17.*pivot_root.*snapshot, cgroup, /),
				}),
			);
		},
	);
});

describe('breakpointSteps', () => {
	it('stops where a phase begins, each time that it does', () => {
		expect(steps('mounts')).toEqual([6, 8]);
		expect(steps('cgroup')).toEqual([0, 3]);
	});

	it('stops at a number in every list that has it, or in the one that is named', () => {
		expect(steps('0')).toEqual([0, 6, 11]);
		expect(steps('init:0')).toEqual([6]);
		expect(steps('5')).toEqual([5]);
	});

	it('stops at each step of a call, and at nothing twice', () => {
		expect(steps('turn')).toEqual([2, 4, 7]);
		expect(steps('turn', 'setup:2')).toEqual([2, 4, 7]);
		expect(steps()).toEqual([]);
	});

	it.each(['17', 'init:5', 'network', 'seccomp'])('refuses %s, at which this plan has no step', text => {
		expect(() => steps('mounts', text)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_BAD_FLAG',
				message: `--break: no step of this plan is at ${text}`,
				hint: expect.stringContaining('setup has 6 steps, init has 5 steps, teardown has 1 steps'),
			}),
		);
	});
});
