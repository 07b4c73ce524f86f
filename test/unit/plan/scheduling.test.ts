import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { Process } from '../../../src/oci/runtime-spec.ts';
import { allCpusStep, compileExecAffinity, compileScheduling } from '../../../src/plan/scheduling.ts';
import type { StepOf } from '../../../src/plan/step.ts';
import { isOp, only, planOf, positions } from './plan-fixture.ts';

const process = (fields: Partial<Process>): Process => ({ cwd: '/', user: { uid: 0, gid: 0 }, ...fields });
const calls = (fields: Partial<Process>): readonly string[] => compileScheduling(process(fields)).map(describeStep);
/** The words of struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period, clamps. */
function attributes({ attr }: StepOf<'schedSetattr'>): readonly (number | bigint)[] {
	const { buffer } = attr as Uint8Array;
	const view = new DataView(buffer);
	return [
		view.getUint32(0, true),
		view.getUint32(4, true),
		view.getBigUint64(8, true),
		view.getInt32(16, true),
		view.getUint32(20, true),
		...[24, 32, 40].map(at => view.getBigUint64(at, true)),
		view.getBigUint64(48, true),
	];
}

describe('the scheduler', () => {
	it('is left alone where nothing is asked for', () => {
		expect(calls({})).toEqual([]);
	});

	it.each<[NonNullable<Process['scheduler']>, readonly (number | bigint)[]]>([
		[{ policy: 'SCHED_OTHER' }, [56, 0, 0n, 0, 0, 0n, 0n, 0n, 0n]],
		[{ policy: 'SCHED_BATCH', nice: -20 }, [56, 3, 0n, -20, 0, 0n, 0n, 0n, 0n]],
		[{ policy: 'SCHED_RR', priority: 99 }, [56, 2, 0n, 0, 99, 0n, 0n, 0n, 0n]],
		[
			{
				policy: 'SCHED_DEADLINE',
				flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_DL_OVERRUN'],
				runtime: 42_000,
				deadline: 100_000,
				period: 5_000_000_000,
			},
			[56, 6, 5n, 0, 0, 42_000n, 100_000n, 5_000_000_000n, 0n],
		],
	])('%j becomes struct sched_attr', (scheduler, words) => {
		const [step] = compileScheduling(process({ scheduler }));
		expect(step).toMatchObject({ op: 'schedSetattr', from: '/process/scheduler' });
		expect(attributes(step as StepOf<'schedSetattr'>)).toEqual(words);
	});

	it('is set while init has the capabilities for it, and before a filter may deny it', () => {
		for (const noNewPrivileges of [false, true]) {
			const { init } = planOf({
				change: spec => ({
					...spec,
					process: {
						...process({}),
						...spec.process,
						noNewPrivileges,
						scheduler: { policy: 'SCHED_FIFO', priority: 1 },
						ioPriority: { class: 'IOPRIO_CLASS_RT' },
					},
					linux: { ...spec.linux, personality: { domain: 'LINUX32' }, memoryPolicy: { mode: 'MPOL_LOCAL' } },
				}),
			});
			const ours = positions(init, isOp('schedSetattr', 'ioprioSet', 'personality', 'setMempolicy'));
			expect(ours).toHaveLength(4);
			expect(Math.max(...ours)).toBeLessThan(Math.min(only(init, isOp('seccomp')), only(init, isOp('dropBounding'))));
			expect(Math.min(...ours)).toBeGreaterThan(only(init, isOp('setsid')));
		}
	});
});

describe('the I/O priority', () => {
	it.each([
		['IOPRIO_CLASS_RT', 0, (1 << 13) | 0],
		['IOPRIO_CLASS_BE', 4, (2 << 13) | 4],
		['IOPRIO_CLASS_IDLE', undefined, 3 << 13],
	])('%s %s is one number, for the process group', (name, priority, ioprio) => {
		const [step] = compileScheduling(
			process({ ioPriority: { class: name, ...(priority === undefined ? {} : { priority }) } }),
		);
		expect(step).toMatchObject({ op: 'ioprioSet', which: 2, who: 0, ioprio, from: '/process/ioPriority' });
	});
});

describe('the CPUs', () => {
	it('of init are all of its cpuset, once it is there', () => {
		const { init } = planOf();
		const affinity = only(init, isOp('schedSetaffinity'));
		expect(init[affinity]).toEqual(allCpusStep());
		expect(affinity).toBeGreaterThan(Math.max(...positions(init, isOp('write'))));
		expect(describeStep(allCpusStep())).toBe('sched_setaffinity(all)');
	});

	it.each([
		[{}, [], ['sched_setaffinity(all)']],
		[{ initial: '', final: '' }, [], ['sched_setaffinity(all)']],
		[{ initial: '1' }, ['sched_setaffinity(1)'], ['sched_setaffinity(all)']],
		[{ initial: '0,3', final: '0-2' }, ['sched_setaffinity(0,3)'], ['sched_setaffinity(0-2)']],
	])('of a process that enters the container follow %j', (execCPUAffinity, initial, final) => {
		const steps = compileExecAffinity({ execCPUAffinity });
		expect(steps.initial.map(describeStep)).toEqual(initial);
		expect(steps.final.map(describeStep)).toEqual(final);
	});

	it('of such a process are all where the configuration says nothing', () => {
		expect(compileExecAffinity({}).final).toEqual([allCpusStep()]);
	});
});
