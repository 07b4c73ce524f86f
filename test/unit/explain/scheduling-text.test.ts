import { describe, expect, it } from 'vitest';
import { ioPriorityText, maskText, memoryPolicyText, schedulerText } from '../../../src/explain/scheduling-text.ts';
import type { Scheduler } from '../../../src/oci/runtime-spec.ts';
import { compileScheduling } from '../../../src/plan/scheduling.ts';
import type { StepOf } from '../../../src/plan/step.ts';

describe('schedulerText', () => {
	it.each<[Scheduler, string]>([
		[{ policy: 'SCHED_OTHER' }, '{SCHED_OTHER}'],
		[{ policy: 'SCHED_BATCH', nice: -5 }, '{SCHED_BATCH, nice -5}'],
		[{ policy: 'SCHED_FIFO', priority: 7 }, '{SCHED_FIFO, priority 7}'],
		[
			{
				policy: 'SCHED_DEADLINE',
				flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_RECLAIM'],
				runtime: 1,
				deadline: 2,
				period: 3,
			},
			'{SCHED_DEADLINE, SCHED_FLAG_RESET_ON_FORK|SCHED_FLAG_RECLAIM, runtime 1 ns, deadline 2 ns, period 3 ns}',
		],
	])('%j', (scheduler, text) => {
		const [step] = compileScheduling({ cwd: '/', user: { uid: 0, gid: 0 }, scheduler });
		expect(schedulerText((step as StepOf<'schedSetattr'>).attr as Uint8Array)).toBe(text);
	});
});

it.each<[readonly number[], string]>([
	[[], 'none'],
	[[0, 0], 'none'],
	[[0b1000_1111], '0-3,7'],
	[[0x80, 0x01], '7-8'],
	[[0xff, 0xff], 'all'],
])('maskText(%j) is %s', (bytes, text) => {
	expect(maskText(new Uint8Array(bytes))).toBe(text);
});

it.each([
	[(1n << 13n) | 3n, 'IOPRIO_CLASS_RT|3'],
	[3n << 13n, 'IOPRIO_CLASS_IDLE|0'],
	[7n << 13n, '7|0'],
])('ioPriorityText(%i) is %s', (ioprio, text) => {
	expect(ioPriorityText(ioprio)).toBe(text);
});

it.each([
	[4n, 'MPOL_LOCAL'],
	[0x8002n, 'MPOL_BIND|MPOL_F_STATIC_NODES'],
	[0x1_0009n, '9|0x10000'],
])('memoryPolicyText(%i) is %s', (mode, text) => {
	expect(memoryPolicyText(mode)).toBe(text);
});
