import { MS, RLIMITS } from '../plan/linux-constants.ts';
import type { Step, StepOf } from '../plan/step.ts';
import { cgroupWriteHint } from './cgroup-write-hint.ts';
import { cloneHint } from './clone-hint.ts';
import { schedulingHint } from './scheduling-hint.ts';

const [EPERM, ENOENT, ESRCH, E2BIG, ENOEXEC, EACCES, EBUSY] = [1, 2, 3, 7, 8, 13, 16];
const [ENODEV, ENOTDIR, EISDIR, EINVAL, ENOSPC, EROFS, ENOSYS] = [19, 20, 21, 22, 28, 30, 38];
const [ELOOP, EXDEV, EOVERFLOW, ETIMEDOUT, EDQUOT] = [40, 18, 75, 110, 122];

const DISK_FULL = 'the disk, or its quota, is full';

/** The usual cause of an errno at a step: static knowledge of the manual pages, nothing is looked at. */
export function stepHint(step: Step, errno: number): string | undefined {
	return hintOfStep(step, errno) ?? hintOfErrno(errno);
}

/** EPERM, ENOENT, EINVAL, EPROTONOSUPPORT, EOPNOTSUPP */
const NO_NETFILTER: readonly number[] = [1, 2, 22, 93, 95];

function hintOfStep(step: Step, errno: number): string | undefined {
	switch (step.op) {
		case 'exec':
			return execHint(step, errno);
		case 'mount':
		case 'mountInRoot':
		case 'mountIdmapped':
		case 'tmpfsInRoot':
		case 'sendMapped':
			return mountHint(step, errno);
		case 'clone':
		case 'clone3':
		case 'unshare':
			return cloneHint(step.flags, errno);
		case 'write':
			return cgroupWriteHint(step, errno);
		case 'attachInit':
			if (errno === EBUSY)
				return 'the cgroup has controllers enabled for its children, so no process may be in it (cgroups(7))';
			return errno === ENOSPC ? 'the cpuset has no CPUs or no memory nodes' : undefined;
		case 'mkdir':
			return step.phase === 'cgroup' && errno === 17
				? 'a container with this cgroup is there already: choose another cgroups path'
				: undefined;
		case 'attachDeviceProgram':
			return errno === EINVAL || errno === EPERM
				? 'the kernel needs CONFIG_CGROUP_BPF, and this process CAP_BPF or CAP_SYS_ADMIN'
				: undefined;
		case 'requireEmptyCgroup':
			return errno === EBUSY
				? 'processes are in it, or another container is being made there: the end of this one would kill them'
				: undefined;
		case 'removeCgroup':
		case 'killCgroup':
			return errno === EBUSY || errno === ETIMEDOUT ? 'processes in it do not end: look for state D in ps' : undefined;
		case 'rlimit':
			return rlimitHint(step, errno);
		case 'pivotRoot':
			return errno === EINVAL ? 'the present root cannot be pivoted (an initramfs cannot): use --no-pivot' : undefined;
		case 'writeProc':
			return step.path.startsWith('thread-self/attr/') ? labelHint(errno) : procHint(errno);
		case 'writeInit':
			return writeInitHint(step, errno);
		case 'setns':
			if (errno === ENOENT || errno === ESRCH) return 'the container or process that it belongs to has ended';
			return errno === EINVAL ? 'it is a namespace of another type, or the one this process is in already' : undefined;
		case 'setresuid':
		case 'setresgid':
		case 'setgroups':
			return errno === EINVAL ? 'the id is not mapped in the user namespace' : undefined;
		case 'capset':
		case 'raiseAmbient':
			return errno === EPERM
				? 'a container gets no capability that this process lacks (CapEff in /proc/self/status)'
				: undefined;
		case 'connectAgent':
			return 'failed to connect with seccomp agent: start it, or correct /linux/seccomp/listenerPath';
		case 'seccompNotify':
		case 'seccomp':
			return errno === EACCES ? 'without no_new_privs the filter needs CAP_SYS_ADMIN' : undefined;
		case 'schedSetattr':
		case 'schedSetaffinity':
		case 'ioprioSet':
		case 'setMempolicy':
			return schedulingHint(step.op, errno);
		case 'netfilter':
			return NO_NETFILTER.includes(errno)
				? 'the kernel needs nf_tables with NAT (nft_chain_nat, nft_masq, nft_fib_inet); --network none needs none'
				: undefined;
		case 'mknodInRoot':
			return errno === EPERM ? 'device nodes need CAP_MKNOD and no user namespace' : undefined;
		default:
			return undefined;
	}
}

function hintOfErrno(errno: number): string | undefined {
	if (errno === ENOSPC || errno === EDQUOT) return DISK_FULL;
	if (errno === ENOSYS) return 'the kernel is too old, or a seccomp filter around this process denies the call';
	if (errno === EROFS) return 'the file system is mounted read-only';
	return errno === ELOOP || errno === EXDEV ? 'a symbolic link of the image lies on the way' : undefined;
}

function execHint({ argv, paths }: StepOf<'exec'>, errno: number): string | undefined {
	const name = argv[0] ?? '';
	switch (errno) {
		case ENOENT:
			return name.includes('/')
				? 'the file is not in the image, or its interpreter (the first line of a script, the loader of a program) is not'
				: `it is in none of the ${paths.length} directories of the container's PATH, or its interpreter is not in the image`;
		case EACCES:
			return 'it has no x permission for this user, or is a directory, or its mount is noexec';
		case EPERM:
			return 'it has file capabilities that the container does not have';
		case ENOEXEC:
			return 'it is for another architecture, or a script without a #! line';
		case E2BIG:
			return 'the arguments and the environment together are too long';
		case ENOTDIR:
			return 'a part of its path is not a directory';
		default:
			return undefined;
	}
}

function mountHint(
	step: StepOf<'mount' | 'mountInRoot' | 'mountIdmapped' | 'tmpfsInRoot' | 'sendMapped'>,
	errno: number,
): string | undefined {
	const type = 'type' in step ? step.type : '';
	switch (errno) {
		case EPERM:
			return type === 'proc' || type === 'sysfs'
				? `a user namespace mounts ${type} only where the host's own is wholly visible`
				: 'mounting needs CAP_SYS_ADMIN; inside another container, start that one with --privileged';
		case EACCES:
			return 'the source is on a read-only device, or a path on the way cannot be searched';
		case ENODEV:
			return `the kernel does not have the file system ${type}: load its module, or see /proc/filesystems`;
		case ENOENT:
			return 'the source or the target does not exist';
		case ENOTDIR:
		case EISDIR:
			return 'one of source and target is a directory and the other a file';
		case EBUSY:
			return 'it is mounted there already, or in use';
		case EINVAL:
			if (type === 'overlay')
				return 'overlay takes no upper directory that is itself on overlay: put the data directory on another file system';
			if (step.op === 'mountInRoot' && isPlainBind(step.flags))
				return 'a user namespace may bind a directory only together with what is mounted below it (rbind)';
			return step.op === 'mountIdmapped' || step.op === 'sendMapped'
				? 'the file system has no id-mapped mounts, or they are mapped already'
				: 'the file system does not take these options';
		case ELOOP:
			return type === 'proc' || type === 'sysfs'
				? `filesystem "${type}" must be mounted on ordinary directory, and a symbolic link of the image is there`
				: 'a symbolic link of the image lies on the way to the target';
		case EXDEV:
			return 'a symbolic link of the image leads into /proc, which must not be covered';
		case EOVERFLOW:
			return 'the options are longer than one page';
		default:
			return undefined;
	}
}

const isPlainBind = (flags: number | bigint): boolean => (Number(flags) & (MS.BIND | MS.REC | MS.REMOUNT)) === MS.BIND;

function rlimitHint({ resource, hard }: StepOf<'rlimit'>, errno: number): string | undefined {
	if (errno === EPERM) {
		const most =
			Number(resource) === RLIMITS.RLIMIT_NOFILE ? '; of open files, none may have more than /proc/sys/fs/nr_open' : '';
		return `raising a hard limit above the present one, here to ${hard}, needs CAP_SYS_RESOURCE${most}`;
	}
	return errno === EINVAL ? 'the soft limit is above the hard limit' : undefined;
}

function labelHint(errno: number): string | undefined {
	if (errno === ENOENT) return 'no profile of this name is loaded: apparmor_parser loads one, aa-status lists them';
	if (errno === EINVAL) return 'the security module is off, or does not know this label';
	return errno === EACCES || errno === EPERM ? 'the policy does not let this process change to the label' : undefined;
}

function procHint(errno: number): string | undefined {
	if (errno === ENOENT) return 'the kernel has no such setting in this namespace';
	if (errno === EINVAL) return 'the kernel does not take this value';
	return errno === EACCES || errno === EPERM ? 'this setting belongs to the host and not to a namespace' : undefined;
}

function writeInitHint({ file }: StepOf<'writeInit'>, errno: number): string | undefined {
	if (file === 'oom_score_adj') return errno === EACCES ? 'lowering the score needs CAP_SYS_RESOURCE' : undefined;
	if (file === 'uid_map' || file === 'gid_map') {
		if (errno === EPERM) return 'the map names ids that this process may not map';
		if (errno === EINVAL) return 'the ranges overlap, or there are more than 340';
	}
	return undefined;
}
