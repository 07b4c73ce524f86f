import { CLONE } from '../plan/linux-constants.ts';

const [EPERM, EAGAIN, EINVAL, ENOSPC] = [1, 11, 22, 28];

/** Each namespace type with the file of /proc/sys/user that limits how many there may be (namespaces(7)). */
const LIMITS = [
	{ flag: CLONE.NEWUSER, file: 'max_user_namespaces' },
	{ flag: CLONE.NEWPID, file: 'max_pid_namespaces' },
	{ flag: CLONE.NEWNS, file: 'max_mnt_namespaces' },
	{ flag: CLONE.NEWNET, file: 'max_net_namespaces' },
	{ flag: CLONE.NEWIPC, file: 'max_ipc_namespaces' },
	{ flag: CLONE.NEWUTS, file: 'max_uts_namespaces' },
	{ flag: CLONE.NEWCGROUP, file: 'max_cgroup_namespaces' },
	{ flag: CLONE.NEWTIME, file: 'max_time_namespaces' },
] as const;

/** The usual cause of an errno of clone(2) or unshare(2). */
export function cloneHint(flags: number | bigint, errno: number): string | undefined {
	const asked = LIMITS.filter(({ flag }) => (BigInt(flags) & BigInt(flag)) !== 0n);
	switch (errno) {
		case EPERM:
			return (BigInt(flags) & BigInt(CLONE.NEWUSER)) !== 0n
				? 'user namespaces are restricted: see kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns and the seccomp filter of an outer container'
				: 'namespaces need CAP_SYS_ADMIN; inside another container, start that one with --privileged';
		case ENOSPC:
			return `a limit of namespaces is reached, or they nest too deep: see user.${asked.map(({ file }) => file).join(', user.')}`;
		case EAGAIN:
			return 'the limit of processes is reached: see RLIMIT_NPROC, pids.max of this cgroup and kernel.threads-max';
		case EINVAL:
			return `the kernel is built without one of these namespaces: ${asked.length === 0 ? 'none asked for' : 'compare /proc/self/ns'}`;
		default:
			return undefined;
	}
}
