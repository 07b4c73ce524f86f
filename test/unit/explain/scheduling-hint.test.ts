import { expect, it } from 'vitest';
import { type SchedulingOp, schedulingHint } from '../../../src/explain/scheduling-hint.ts';

it.each<[SchedulingOp, number, RegExp]>([
	['schedSetattr', 1, /CAP_SYS_NICE.*can't be used together with AllowedCPUs/],
	['schedSetattr', 16, /no time left/],
	['schedSetattr', 22, /together/],
	['schedSetattr', 95, /CONFIG_UCLAMP_TASK/],
	['schedSetaffinity', 22, /none of these CPUs/],
	['ioprioSet', 1, /CAP_SYS_NICE/],
	['setMempolicy', 22, /cpuset has none of the nodes/],
])('%s, errno %i', (op, errno, hint) => {
	expect(schedulingHint(op, errno)).toMatch(hint);
});

it('has no hint where it knows none', () => {
	for (const op of ['schedSetattr', 'schedSetaffinity', 'ioprioSet', 'setMempolicy'] as const) {
		expect(schedulingHint(op, 14)).toBeUndefined();
	}
});
