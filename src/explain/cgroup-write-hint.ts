import type { StepOf } from '../plan/step.ts';

const [EPERM, ENOENT, EACCES, EBUSY, EINVAL, ERANGE, EOPNOTSUPP] = [1, 2, 13, 16, 22, 34, 95];

/** The usual cause of an errno at a control file (cgroup-v1/*.rst, cgroup-v2.rst); undefined at any other file. */
export function cgroupWriteHint({ path, phase }: StepOf<'write'>, errno: number): string | undefined {
	if (phase !== 'cgroup') return undefined;
	const file = path.slice(path.lastIndexOf('/') + 1);
	switch (errno) {
		case EBUSY:
			return busyHint(file);
		case EINVAL:
		case ERANGE:
			return invalidHint(file);
		case ENOENT:
			return missingHint(file);
		case EACCES:
		case EPERM:
			return file.startsWith('cpuset.')
				? 'the parent cpuset does not hold these CPUs or memory nodes'
				: 'the cgroup mount is read-only, or belongs to another user';
		case EOPNOTSUPP:
			return 'the kernel does not support this here, as with a threaded cgroup';
		default:
			return undefined;
	}
}

function busyHint(file: string): string {
	if (file === 'cgroup.subtree_control')
		return 'processes are in this cgroup, and then no controller can be enabled for its children: move them to a child first';
	if (file.startsWith('memory.')) return 'the cgroup uses more than this already';
	return 'processes or child cgroups forbid the change';
}

function invalidHint(file: string): string {
	if (file === 'cgroup.subtree_control')
		return 'the controller is not available here, or (for cpu) real-time processes are in the way';
	if (file.startsWith('cpuset.')) return 'the host or the parent cpuset does not have these CPUs or memory nodes';
	if (file.startsWith('cpu.rt_'))
		return 'the cgroups above have no such real-time budget: write cpu.rt_runtime_us there first';
	if (file.startsWith('cpu.'))
		return 'the value is out of range: a quota is at least 1000 µs, a period 1000 µs to 1 s, and no more than the parent has';
	if (file.includes('memsw')) return 'memory and swap together cannot be less than memory';
	return 'the kernel does not take this value';
}

function missingHint(file: string): string {
	if (file.startsWith('io.') || file.startsWith('blkio.'))
		return 'the kernel has no I/O scheduler with weights: load bfq';
	if (file.includes('burst')) return 'the kernel is older than 5.14';
	if (file.startsWith('cpu.rt_')) return 'the kernel is without CONFIG_RT_GROUP_SCHED';
	if (file.endsWith('cpu.idle')) return 'the kernel is older than 5.15';
	if (file.startsWith('hugetlb.')) return 'the host has no huge pages of this size';
	if (file.startsWith('memory.')) return 'the kernel does not count this kind of memory';
	return 'the controller of this file is not enabled in the cgroup above';
}
