import { expect, it } from 'vitest';
import { enterCgroupSteps } from '../../../../src/plan/cgroup/enter-cgroup-steps.ts';
import type { Plan, Step } from '../../../../src/plan/step.ts';

const why = '';
const MKDIR: Step = { op: 'mkdir', path: '/c/x', mode: 0o755, phase: 'cgroup', why };
const LIMIT: Step = { op: 'write', path: '/c/x/pids.max', data: '9', phase: 'cgroup', why };
const ATTACH: Step = { op: 'attachInit', path: '/c/x', phase: 'cgroup', why };
const TURN: Step = { op: 'turn', phase: 'process', why };
const KILL: Step = { op: 'killCgroup', path: '/c/x/place', timeoutMs: 1, phase: 'cgroup', why };
const planOf = (setup: readonly Step[]): Plan => ({ version: 1, cloneFlags: 0, setup, init: [], teardown: [] });
const enters = (path: string) => expect.objectContaining({ op: 'write', path: `${path}/cgroup.procs`, data: '42' });

it('makes the cgroup with its limits, then brings the process in', () => {
	const plan = planOf([MKDIR, LIMIT, { op: 'clone', flags: 0, phase: 'namespaces', why }, ATTACH, TURN]);
	expect(enterCgroupSteps(plan, { unified: '/c/x' }, 42)).toEqual([MKDIR, LIMIT, enters('/c/x')]);
});

it('ends what stood in a scope when the process is there', () => {
	const last: Step = { ...LIMIT, data: '1' };
	expect(enterCgroupSteps(planOf([MKDIR, LIMIT, KILL, last]), { unified: '/c/x' }, 42)).toEqual([
		MKDIR,
		LIMIT,
		enters('/c/x'),
		KILL,
		last,
	]);
});

it('enters each directory once', () => {
	expect(enterCgroupSteps(planOf([]), { cpu: '/cpu/x', cpuacct: '/cpu/x', pids: '/pids/x' }, 42)).toEqual([
		enters('/cpu/x'),
		enters('/pids/x'),
	]);
});
