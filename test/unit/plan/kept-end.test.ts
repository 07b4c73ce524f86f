import { expect, it } from 'vitest';
import { keptEnd } from '../../../src/plan/kept-end.ts';
import type { Plan, Step } from '../../../src/plan/step.ts';

const notes = { phase: 'cgroup', why: 'end' } as const;
const ENDS: readonly Step[] = [
	{ op: 'write', path: '/cg/cgroup.kill', data: '1', ...notes },
	{ op: 'killCgroup', path: '/cg', timeoutMs: 1, ...notes },
	{ op: 'noticeIfGrown', path: '/cg/memory.events', key: 'oom_kill', notice: 'killed', ...notes },
];
const MADE: readonly Step[] = [
	{ op: 'removeCgroup', path: '/cg', timeoutMs: 1, ...notes },
	{ op: 'rmdir', path: '/sys/fs/resctrl/x', ...notes },
	{ op: 'write', path: '/elsewhere', data: '', phase: 'teardown', why: 'end' },
	{ op: 'removeTree', path: '/run/x', phase: 'teardown', why: 'end' },
];

it('ends the processes and removes nothing', () => {
	const plan: Plan = { version: 1, cloneFlags: 5, setup: [], init: [], teardown: [...ENDS, ...MADE] };
	expect(keptEnd(plan)).toEqual({ ...plan, teardown: ENDS });
});
