import type { Plan, Step } from '../../../../src/plan/step.ts';
import { type StepPlace, stepPlaces } from '../../../../src/plan/step-order.ts';

/** Small, but with both processes, every list, and a phase that begins twice. */
export const STEP_PLAN: Plan = {
	version: 1,
	cloneFlags: 0x20000,
	setup: [
		{ op: 'mkdir', path: '/sys/fs/cgroup/a', mode: 0o755, tolerate: [17], phase: 'cgroup', why: 'a cgroup' },
		{ op: 'clone', flags: 0x20000, phase: 'namespaces', why: 'init is born' },
		{ op: 'turn', phase: 'process', why: 'to init' },
		{ op: 'write', path: '/sys/fs/cgroup/a/pids.max', data: '5', phase: 'cgroup', why: 'a limit' },
		{ op: 'turn', phase: 'process', why: 'to init again' },
		{ op: 'supervise', rawTerminal: 0, terminalInput: 0, phase: 'supervise', why: 'wait' },
	],
	init: [
		{ op: 'openRoot', path: '/root', phase: 'mounts', why: 'the root' },
		{ op: 'turn', phase: 'process', why: 'to the supervisor' },
		{ op: 'pivotRoot', phase: 'mounts', why: 'the host’s root goes', from: '/root/path' },
		{ op: 'sethostname', name: 'a\u001b[31m', phase: 'identity', why: 'the name', from: '/hostname' },
		{ op: 'exec', paths: ['/bin/sh'], argv: ['sh'], env: [], phase: 'exec', why: 'the program' },
	],
	teardown: [{ op: 'rmdir', path: '/sys/fs/cgroup/a', after: 0, phase: 'teardown', why: 'the cgroup' }],
};

/** Where the first step of an operation stands. */
export function placeOf(op: Step['op']): StepPlace {
	const place = stepPlaces(STEP_PLAN).find(({ step }) => step.op === op);
	if (place === undefined) throw new Error(`the plan has no ${op}`);
	return place;
}
