import { describe, expect, it } from 'vitest';
import { whyNotSkipped } from '../../../../src/explain/step/why-not-skipped.ts';
import { CLONE, MS, PR } from '../../../../src/plan/linux-constants.ts';
import type { Step } from '../../../../src/plan/step.ts';
import type { StepPlace } from '../../../../src/plan/step-order.ts';
import { placeOf } from './step-plan.ts';

const init = (step: Record<string, unknown>): StepPlace => ({
	list: 'init',
	index: 0,
	number: 0,
	step: { phase: 'process', why: 'a test', ...step } as unknown as Step,
});
const mount = (target: string, flags: number): StepPlace => init({ op: 'mount', source: '', target, type: '', flags });

describe('whyNotSkipped', () => {
	it.each(['pivotRoot', 'sethostname', 'mkdir', 'write'] as const)('lets %s be skipped', op => {
		expect(whyNotSkipped(placeOf(op))).toBeUndefined();
	});

	it.each([
		['clone', /no process/],
		['turn', /take turns/],
		['supervise', /wait for the end/],
		['exec', /without a program/],
		['openRoot', /below it/],
		['rmdir', /would stay on the host/],
	] as const)('says why %s cannot be', (op, reason) => {
		expect(whyNotSkipped(placeOf(op))).toMatch(reason);
	});

	it('keeps what the steps that follow must not do to the host', () => {
		expect(whyNotSkipped(init({ op: 'unshare', flags: CLONE.NEWNS }))).toMatch(/change the host/);
		expect(whyNotSkipped(init({ op: 'unshare', flags: CLONE.NEWUTS }))).toMatch(/change the host/);
		expect(whyNotSkipped(init({ op: 'setns', path: '/x', type: CLONE.NEWNET }))).toMatch(/change the host/);
		expect(whyNotSkipped(init({ op: 'unshare', flags: CLONE.NEWCGROUP }))).toBeUndefined();
		expect(whyNotSkipped(init({ op: 'setns', path: '/x', type: CLONE.NEWIPC }))).toBeUndefined();
		// of whatever type the file is
		expect(whyNotSkipped(init({ op: 'setns', path: '/x', type: 0 }))).toMatch(/change the host/);
	});

	it('keeps the mounts of the container from the host', () => {
		expect(whyNotSkipped(mount('/', MS.REC | MS.PRIVATE))).toMatch(/appear on the host/);
		expect(whyNotSkipped(mount('/', MS.REC | MS.SLAVE))).toMatch(/appear on the host/);
		expect(whyNotSkipped(mount('/proc', 0))).toBeUndefined();
	});

	it('keeps the signal that ends the container with its supervisor', () => {
		expect(whyNotSkipped(init({ op: 'prctl', option: PR.SET_PDEATHSIG, arg2: 9, arg3: 0 }))).toMatch(/outlive/);
		expect(whyNotSkipped(init({ op: 'prctl', option: PR.SET_NO_NEW_PRIVS, arg2: 1, arg3: 0 }))).toBeUndefined();
	});
});
