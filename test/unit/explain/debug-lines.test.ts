import { expect, it } from 'vitest';
import { debugLines } from '../../../src/explain/debug-lines.ts';
import type { Plan } from '../../../src/plan/step.ts';

const PLAN: Plan = {
	version: 1,
	cloneFlags: 0,
	setup: [{ op: 'mkdir', path: '/a', mode: 0o755, phase: 'cgroup', why: 'one' }],
	init: [
		{ op: 'schedSetaffinity', cpus: Uint8Array.of(0x03, 0x80, 0), phase: 'process', why: 'two' },
		{ op: 'sethostname', name: 'x', phase: 'process', why: 'three' },
		{ op: 'seccomp', filter: new Uint8Array(8), flags: 6, phase: 'security', why: 'four' },
	],
	teardown: [],
};

it('tells each step under its number, the CPUs of an affinity as a mask, and the flags of a filter', () => {
	const lines = debugLines(PLAN, 'created');
	expect(lines).toEqual(
		expect.arrayContaining([
			'setup 0: mkdir("/a", 0755)',
			'nsexec init 0: affinity: 0x8003',
			'init 1: sethostname("x")',
			'seccomp filter flags: 6',
		]),
	);
});

it('ends a container with the milestone of runc’s init, and a further process with that of its exec', () => {
	expect(debugLines(PLAN, 'created').at(-1)).toBe('init: closing the pipe to signal completion');
	expect(debugLines(PLAN, 'joined').at(-1)).toBe('setns_init: about to exec');
	expect(
		debugLines(PLAN, 'joined').filter(line => /^(nsexec container setup|child process in init)/.test(line)),
	).toHaveLength(2);
});
