import type { RuntimeSpec, Scheduler } from '../../oci/runtime-spec.ts';
import { IOPRIO_CLASSES, SCHED_FLAGS, SCHED_POLICIES } from '../../oci/scheduling.ts';
import { cpusetProblem } from '../cpuset-problem.ts';
import { badConfig, requireWord, shortly } from './bad-config.ts';

const DEADLINE_FIELDS = ['runtime', 'deadline', 'period'] as const;
const LAST_IO_PRIORITY = 7;

/** The rules of runc, and those of sched(7) that the kernel answers with a bare EINVAL. */
export function checkScheduler(spec: RuntimeSpec): void {
	const scheduler = spec.process?.scheduler;
	if (scheduler === undefined) return;
	const pointer = '/process/scheduler';
	requireWord(scheduler.policy, SCHED_POLICIES, { pointer: `${pointer}/policy`, what: 'scheduler policy' });
	for (const [index, flag] of (scheduler.flags ?? []).entries()) {
		requireWord(flag, SCHED_FLAGS, { pointer: `${pointer}/flags/${index}`, what: 'scheduler flag' });
	}
	const { policy, nice = 0 } = scheduler;
	if (policy === 'SCHED_ISO') throw badConfig(`${pointer}/policy`, 'SCHED_ISO is reserved: no kernel has it');
	if (nice < -20 || nice > 19) throw badConfig(`${pointer}/nice`, `expected -20 to 19, got ${nice}`);
	checkPriority(scheduler, pointer);
	checkDeadline(scheduler, pointer);
}

function checkPriority({ policy, priority = 0 }: Scheduler, pointer: string): void {
	const isRealtime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
	if (!isRealtime && priority !== 0) {
		throw badConfig(`${pointer}/priority`, `${priority} is for SCHED_FIFO and SCHED_RR only, not for ${policy}`);
	}
	if (isRealtime && (priority < 1 || priority > 99)) {
		throw badConfig(`${pointer}/priority`, `${policy} has the priorities 1 to 99, got ${priority}`);
	}
}

function checkDeadline(scheduler: Scheduler, pointer: string): void {
	const { policy, runtime = 0, deadline = 0, period = 0 } = scheduler;
	if (policy !== 'SCHED_DEADLINE') {
		const field = DEADLINE_FIELDS.find(each => (scheduler[each] ?? 0) !== 0);
		if (field !== undefined) throw badConfig(`${pointer}/${field}`, `is for SCHED_DEADLINE only, not for ${policy}`);
		return;
	}
	if (runtime === 0) throw badConfig(`${pointer}/runtime`, 'is required for SCHED_DEADLINE and missing');
	if (deadline < runtime) throw badConfig(`${pointer}/deadline`, `${deadline} is less than the runtime, ${runtime}`);
	if (period !== 0 && period < deadline) {
		throw badConfig(`${pointer}/period`, `${period} is less than the deadline, ${deadline}`);
	}
}

export function checkIoPriority(spec: RuntimeSpec): void {
	const io = spec.process?.ioPriority;
	if (io === undefined) return;
	const pointer = '/process/ioPriority';
	requireWord(io.class, IOPRIO_CLASSES, { pointer: `${pointer}/class`, what: 'I/O priority class' });
	const { priority = 0 } = io;
	if (priority < 0 || priority > LAST_IO_PRIORITY) {
		throw badConfig(`${pointer}/priority`, `expected 0 to ${LAST_IO_PRIORITY}, got ${priority}`);
	}
}

export function checkExecAffinity(spec: RuntimeSpec): void {
	for (const field of ['initial', 'final'] as const) {
		const cpus = spec.process?.execCPUAffinity?.[field];
		if (cpus === undefined || cpus === '') continue;
		const problem = cpusetProblem(cpus);
		if (problem !== undefined) throw badConfig(`/process/execCPUAffinity/${field}`, `${shortly(cpus)} ${problem}`);
	}
}
