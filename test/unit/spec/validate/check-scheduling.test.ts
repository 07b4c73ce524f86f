import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

const deadline = (runtime: number, by: number, period?: number) => ({
	policy: 'SCHED_DEADLINE',
	runtime,
	deadline: by,
	...(period === undefined ? {} : { period }),
});

it.each([
	['/process/scheduler', { policy: 'SCHED_OTHER', nice: 19, priority: 0 }],
	['/process/scheduler', { policy: 'SCHED_BATCH', nice: -20, flags: ['SCHED_FLAG_RESET_ON_FORK'] }],
	['/process/scheduler', { policy: 'SCHED_FIFO', priority: 1 }],
	['/process/scheduler', { policy: 'SCHED_RR', priority: 99 }],
	['/process/scheduler', { policy: 'SCHED_IDLE', runtime: 0, deadline: 0, period: 0 }],
	['/process/scheduler', deadline(42_000, 100_000, 1_000_000)],
	['/process/scheduler', deadline(42_000, 42_000)],
	['/process/ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 7 }],
	['/process/ioPriority', { class: 'IOPRIO_CLASS_IDLE' }],
	['/process/execCPUAffinity', { initial: '0-3,7' }],
	['/process/execCPUAffinity', { initial: '', final: '' }],
])('takes at %s: %j', (pointer, value) => {
	expect(validateSpec(configWith(pointer, value)).process).toMatchObject({ [pointer.split('/')[2] as string]: value });
});

it.each([
	['/process/scheduler', {}, '/process/scheduler/policy'],
	['/process/scheduler', { policy: '' }, '/process/scheduler/policy'],
	['/process/scheduler', { policy: 'SCHED_NORMAL' }, '/process/scheduler/policy'],
	['/process/scheduler', { policy: 'constructor' }, '/process/scheduler/policy'],
	['/process/scheduler', { policy: 'SCHED_ISO' }, '/process/scheduler/policy'],
	['/process/scheduler', { policy: 'SCHED_OTHER', nice: 20 }, '/process/scheduler/nice'],
	['/process/scheduler', { policy: 'SCHED_OTHER', nice: -21 }, '/process/scheduler/nice'],
	['/process/scheduler', { policy: 'SCHED_OTHER', nice: 1.5 }, '/process/scheduler/nice'],
	['/process/scheduler', { policy: 'SCHED_OTHER', priority: 1 }, '/process/scheduler/priority'],
	['/process/scheduler', { ...deadline(1, 1), priority: 1 }, '/process/scheduler/priority'],
	['/process/scheduler', { policy: 'SCHED_FIFO' }, '/process/scheduler/priority'],
	['/process/scheduler', { policy: 'SCHED_RR', priority: 100 }, '/process/scheduler/priority'],
	['/process/scheduler', { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_NONE'] }, '/process/scheduler/flags/0'],
	['/process/scheduler', { policy: 'SCHED_OTHER', runtime: 1 }, '/process/scheduler/runtime'],
	['/process/scheduler', { policy: 'SCHED_FIFO', priority: 1, deadline: 1 }, '/process/scheduler/deadline'],
	['/process/scheduler', { policy: 'SCHED_IDLE', period: 1 }, '/process/scheduler/period'],
	['/process/scheduler', { policy: 'SCHED_OTHER', runtime: -1 }, '/process/scheduler/runtime'],
	['/process/scheduler', { policy: 'SCHED_DEADLINE' }, '/process/scheduler/runtime'],
	['/process/scheduler', deadline(2, 1), '/process/scheduler/deadline'],
	['/process/scheduler', deadline(1, 2, 1), '/process/scheduler/period'],
	['/process/ioPriority', { priority: 1 }, '/process/ioPriority/class'],
	['/process/ioPriority', { class: 'IOPRIO_CLASS_NONE' }, '/process/ioPriority/class'],
	['/process/ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 8 }, '/process/ioPriority/priority'],
	['/process/ioPriority', { class: 'IOPRIO_CLASS_BE', priority: -1 }, '/process/ioPriority/priority'],
	['/process/execCPUAffinity', { initial: '3-1' }, '/process/execCPUAffinity/initial'],
	['/process/execCPUAffinity', { final: 'all' }, '/process/execCPUAffinity/final'],
	['/process/execCPUAffinity', { final: '0-2147483647' }, '/process/execCPUAffinity/final'],
	['/process/execCPUAffinity', { final: 1 }, '/process/execCPUAffinity/final'],
])('refuses at %s: %j', (pointer, value, place) => {
	expectBadConfig(configWith(pointer, value), place);
});

it('says which policies there are', () => {
	const error = expectBadConfig(configWith('/process/scheduler', { policy: 'X' }), '/process/scheduler/policy');
	expect(error.message).toBe('config.json /process/scheduler/policy: "X" is an invalid scheduler policy');
	expect(error.hint).toContain('SCHED_OTHER, SCHED_FIFO');
});
