import type { IoPriority, Process, Scheduler } from '../oci/runtime-spec.ts';
import { IOPRIO_CLASSES, SCHED_FLAGS, SCHED_POLICIES } from '../oci/scheduling.ts';
import { bitMask } from './bit-mask.ts';
import { ERRNO } from './linux-constants.ts';
import type { Step } from './step.ts';

/** struct sched_attr with the fields for utilisation clamps (sched_setattr(2)). */
const SCHED_ATTR_BYTES = 56;
const IOPRIO_WHO_PGRP = 2;
const IOPRIO_CLASS_SHIFT = 13;
/** As many as a kernel can be built for. */
const ALL_CPUS = new Uint8Array(8192 / 8).fill(0xff);

/** Priorities for CPU and I/O, while init still has the capabilities that some of them need. */
export function compileScheduling({ scheduler, ioPriority }: Process): readonly Step[] {
	return [
		...(ioPriority === undefined ? [] : [ioPriorityStep(ioPriority)]),
		...(scheduler === undefined ? [] : [schedulerStep(scheduler)]),
	];
}

function schedulerStep(scheduler: Scheduler): Step {
	return {
		op: 'schedSetattr',
		attr: schedulerAttributes(scheduler),
		phase: 'process',
		why: `be scheduled by ${scheduler.policy}`,
		from: '/process/scheduler',
	};
}

function schedulerAttributes({ policy, nice = 0, priority = 0, flags = [], ...deadline }: Scheduler): Uint8Array {
	const bytes = new Uint8Array(SCHED_ATTR_BYTES);
	const view = new DataView(bytes.buffer);
	const mask = flags.reduce((all, flag) => all | (SCHED_FLAGS[flag] ?? 0), 0);
	view.setUint32(0, SCHED_ATTR_BYTES, true);
	view.setUint32(4, SCHED_POLICIES[policy] ?? 0, true);
	view.setBigUint64(8, BigInt(mask), true);
	view.setInt32(16, nice, true);
	view.setUint32(20, priority, true);
	view.setBigUint64(24, BigInt(deadline.runtime ?? 0), true);
	view.setBigUint64(32, BigInt(deadline.deadline ?? 0), true);
	view.setBigUint64(40, BigInt(deadline.period ?? 0), true);
	return bytes;
}

/** For the process group, which holds nobody but init once it has a session of its own. */
function ioPriorityStep({ class: name, priority = 0 }: IoPriority): Step {
	return {
		op: 'ioprioSet',
		which: IOPRIO_WHO_PGRP,
		who: 0,
		ioprio: ((IOPRIO_CLASSES[name] ?? 0) << IOPRIO_CLASS_SHIFT) | priority,
		phase: 'process',
		why: `read and write by ${name}`,
		from: '/process/ioPriority',
	};
}

/**
 * All CPUs that the cpuset has, whatever the caller's own affinity: since Linux 6.2 a process keeps the affinity that it was
 * born with when it enters a cpuset. The kernel takes the CPUs away that are not there.
 */
export function allCpusStep(): Step {
	return {
		op: 'schedSetaffinity',
		cpus: ALL_CPUS,
		tolerate: [ERRNO.EINVAL],
		phase: 'cgroup',
		why: 'run on every CPU of the cpuset, not only on those that the caller was given',
	};
}

export interface ExecAffinity {
	/** Before the process enters the container's cgroup. */
	readonly initial: readonly Step[];
	/** Once it is in the cgroup. */
	readonly final: readonly Step[];
}

/**
 * The CPUs of a process that enters a running container (config.md, execCPUAffinity); init is no such process. Without a final
 * list it gets all CPUs of the cpuset.
 */
export function compileExecAffinity({ execCPUAffinity = {} }: Pick<Process, 'execCPUAffinity'>): ExecAffinity {
	const step = (field: 'initial' | 'final', why: string): readonly Step[] => {
		const list = execCPUAffinity[field] ?? '';
		if (list === '') return [];
		const from = `/process/execCPUAffinity/${field}`;
		return [{ op: 'schedSetaffinity', cpus: bitMask(list), phase: 'cgroup', why, from }];
	};
	const final = step('final', 'the CPUs of the process in the container');
	return {
		initial: step('initial', 'the CPUs to run on until the process is in the container'),
		final: final.length > 0 ? final : [allCpusStep()],
	};
}
