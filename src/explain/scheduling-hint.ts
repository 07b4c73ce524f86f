const [EPERM, EBUSY, EINVAL, EOPNOTSUPP] = [1, 16, 22, 95];

export type SchedulingOp = 'schedSetattr' | 'schedSetaffinity' | 'ioprioSet' | 'setMempolicy';

/** The usual cause of an errno of sched_setattr(2), sched_setaffinity(2), ioprio_set(2) or set_mempolicy(2). */
export function schedulingHint(op: SchedulingOp, errno: number): string | undefined {
	switch (op) {
		case 'schedSetattr':
			return schedulerHint(errno);
		case 'schedSetaffinity':
			return errno === EINVAL ? 'none of these CPUs is online and in the cpuset of the container' : undefined;
		case 'ioprioSet':
			return errno === EPERM
				? 'IOPRIO_CLASS_RT needs CAP_SYS_NICE or CAP_SYS_ADMIN outside of user namespaces'
				: undefined;
		case 'setMempolicy':
			return errno === EINVAL
				? 'the mode takes no such nodes or flags, the kernel does not know it, or the cpuset has none of the nodes (set_mempolicy(2))'
				: undefined;
	}
}

function schedulerHint(errno: number): string | undefined {
	switch (errno) {
		case EPERM:
			return "a real-time policy or a nice value below the caller's needs CAP_SYS_NICE, and the cgroup real-time time (cpu.rt_runtime_us); with SCHED_DEADLINE the process scheduler can't be used together with AllowedCPUs (linux.resources.cpu.cpus)";
		case EBUSY:
			return 'the CPUs have no time left for another SCHED_DEADLINE process (sched(7))';
		case EINVAL:
			return 'the kernel does not take these values together (sched_setattr(2))';
		case EOPNOTSUPP:
			return 'the kernel is built without utilisation clamps (CONFIG_UCLAMP_TASK)';
		default:
			return undefined;
	}
}
