/**
 * The operations of the machine and the shape of each one's arguments. This table is the only place where they are listed:
 * `scripts/generate.mjs` writes `native/step_ops.h` from it, and a test compares the two.
 *
 * Argument kinds:
 * - `int`: an unsigned 64-bit number
 * - `str`: a NUL-terminated string in the plan's data
 * - `bytes`: a byte range in the plan's data
 * - `strs`: a NULL-terminated vector of strings
 *
 * A step has at most six arguments.
 */
export type ArgKind = 'int' | 'str' | 'bytes' | 'strs';

export interface OpShape {
	/** The system call or the named sequence, for people. */
	readonly call: string;
	/** Manual page or specification section. */
	readonly manual: string;
	readonly args: Readonly<Record<string, ArgKind>>;
}

const op = <const A extends Readonly<Record<string, ArgKind>>>(call: string, manual: string, args: A) => ({
	call,
	manual,
	args,
});

/** Order is the wire number: append only; PLAN_VERSION rises when an entry changes. */
export const OPS = {
	// files and directories on the host
	mkdir: op('mkdir', 'mkdir(2)', { path: 'str', mode: 'int' }),
	unlinkLink: op('readlink, unlink where it leads to the target', 'unlink(2)', { path: 'str', target: 'str' }),
	removeTree: op('unlinkat, recursively', 'unlinkat(2)', { path: 'str' }),
	chown: op('lchown', 'chown(2)', { path: 'str', uid: 'int', gid: 'int' }),
	write: op('open, write, close', 'write(2)', { path: 'str', data: 'bytes' }),
	// the hand-over between the two processes
	clone: op('clone', 'clone(2)', { flags: 'int' }),
	clone3: op('clone3', 'clone3(2)', { flags: 'int', cgroup: 'str' }),
	turn: op('hand over to the other process, wait for its turn', 'socketpair(2)', {}),
	writeInit: op('write to /proc/<init>/…', 'proc(5)', { file: 'str', data: 'bytes' }),
	attachInit: op("write init's pid", 'cgroups(7)', { path: 'str' }),
	// cgroups and network from the host
	removeCgroup: op('rmdir, children first, until empty', 'cgroups(7)', { path: 'str', timeoutMs: 'int' }),
	killCgroup: op('kill each process of the cgroup until none is left', 'cgroups(7)', { path: 'str', timeoutMs: 'int' }),
	attachDeviceProgram: op('bpf(BPF_PROG_LOAD), bpf(BPF_PROG_ATTACH)', 'bpf(2)', { cgroup: 'str', program: 'bytes' }),
	netlink: op('socket(AF_NETLINK), send, read the acknowledgement', 'rtnetlink(7)', { message: 'bytes' }),
	// standard streams and supervision
	pipe: op('pipe2 for a standard stream', 'pipe(2)', { fd: 'int' }),
	supervise: op('wait for init, forward signals, relay streams', 'waitid(2)', {
		rawTerminal: 'int',
		terminalInput: 'int',
	}),
	noticeIfGrown: op('read a counter, write a prepared notice when it is not zero', 'cgroups(7)', {
		path: 'str',
		key: 'str',
		notice: 'bytes',
	}),
	// namespaces
	unshare: op('unshare', 'unshare(2)', { flags: 'int' }),
	setns: op('open, setns', 'setns(2)', { path: 'str', type: 'int' }),
	// mounts
	openRoot: op('open(O_PATH) the root file system', 'openat2(2)', { path: 'str' }),
	openSource: op(
		'open(O_PATH), or what `sendSource` sent, openat2(RESOLVE_IN_ROOT) there, to a descriptor of this number',
		'open(2)',
		{ fd: 'int', path: 'str', inside: 'str' },
	),
	mount: op('mount', 'mount(2)', { source: 'str', target: 'str', type: 'str', flags: 'int', data: 'str' }),
	mountInRoot: op('openat2(RESOLVE_IN_ROOT), mount', 'mount(2)', {
		source: 'str',
		target: 'str',
		type: 'str',
		flags: 'int',
		data: 'str',
		resolve: 'int',
	}),
	mountSetattr: op('openat2(RESOLVE_IN_ROOT), mount_setattr', 'mount_setattr(2)', {
		target: 'str',
		set: 'int',
		clear: 'int',
		propagation: 'int',
		atFlags: 'int',
	}),
	mountIdmapped: op('open_tree, mount_setattr(MOUNT_ATTR_IDMAP), move_mount', 'mount_setattr(2)', {
		source: 'str',
		target: 'str',
	}),
	umount: op('umount2', 'umount(2)', { path: 'str', flags: 'int' }),
	mkdirInRoot: op('openat2(RESOLVE_IN_ROOT), mkdirat for each missing part', 'mkdir(2)', { path: 'str', mode: 'int' }),
	createInRoot: op('openat2(RESOLVE_IN_ROOT), mknodat of a file', 'mknod(2)', { path: 'str', mode: 'int' }),
	mknodInRoot: op('openat2(RESOLVE_IN_ROOT), mknodat, fchownat', 'mknod(2)', {
		path: 'str',
		mode: 'int',
		device: 'int',
		uid: 'int',
		gid: 'int',
	}),
	symlinkInRoot: op('openat2(RESOLVE_IN_ROOT), symlinkat', 'symlink(2)', { target: 'str', path: 'str' }),
	maskInRoot: op('bind /dev/null, or mount an empty read-only tmpfs over a directory', 'mount(2)', { path: 'str' }),
	readonlyInRoot: op('bind over itself, remount read-only', 'mount(2)', { path: 'str' }),
	pivotRoot: op('fchdir, pivot_root, umount2(MNT_DETACH), chdir', 'pivot_root(2)', {}),
	moveRoot: op('mount(MS_MOVE), chroot, chdir', 'chroot(2)', {}),
	chdir: op('chdir', 'chdir(2)', { path: 'str' }),
	// kernel state of the namespaces
	sethostname: op('sethostname', 'sethostname(2)', { name: 'str' }),
	setdomainname: op('setdomainname', 'setdomainname(2)', { name: 'str' }),
	openProc: op('fsopen("proc"), fsconfig, fsmount', 'fsopen(2)', {}),
	writeProc: op('openat2 below the private proc, write', 'proc(5)', { path: 'str', data: 'bytes' }),
	// the process
	openTerminal: op('open ptmx, TIOCGPTPEER, bind on /dev/console, send the master', 'pty(7)', {
		rows: 'int',
		columns: 'int',
		uid: 'int',
		flags: 'int',
	}),
	controllingTerminal: op('TIOCSCTTY, dup2 to the standard streams', 'login_tty(3)', {}),
	standardStream: op('dup2 of the pipe, or open(path), to a standard stream', 'dup(2)', {
		fd: 'int',
		path: 'str',
		flags: 'int',
	}),
	setsid: op('setsid', 'setsid(2)', {}),
	umask: op('umask', 'umask(2)', { mask: 'int' }),
	rlimit: op('setrlimit', 'setrlimit(2)', { resource: 'int', soft: 'int', hard: 'int' }),
	prctl: op('prctl', 'prctl(2)', { option: 'int', arg2: 'int', arg3: 'int' }),
	dropBounding: op('prctl(PR_CAPBSET_DROP) for each capability not kept', 'capabilities(7)', { keep: 'int' }),
	capset: op('capset', 'capset(2)', { effective: 'int', permitted: 'int', inheritable: 'int' }),
	raiseAmbient: op('prctl(PR_CAP_AMBIENT_RAISE) for each capability', 'capabilities(7)', { set: 'int' }),
	setgroups: op('setgroups', 'setgroups(2)', { groups: 'bytes' }),
	setresgid: op('setresgid', 'setresuid(2)', { gid: 'int' }),
	setresuid: op('setresuid', 'setresuid(2)', { uid: 'int' }),
	sessionKeyring: op('keyctl(KEYCTL_JOIN_SESSION_KEYRING)', 'keyctl(2)', { name: 'str' }),
	seccomp: op('seccomp(SECCOMP_SET_MODE_FILTER)', 'seccomp(2)', { filter: 'bytes', flags: 'int' }),
	closeRange: op('close_range, but for what the caller preserves', 'close_range(2)', { flags: 'int' }),
	reap: op('fork: pid 1 reaps and forwards signals, the child goes on', 'wait(2)', {}),
	exec: op('execve of the first path that exists', 'execve(2)', { paths: 'strs', argv: 'strs', env: 'strs' }),
	// a container that is created first and started later, and what its caller wants
	openStart: op('mkfifo, open', 'fifo(7)', { path: 'str' }),
	awaitStart: op('tell the creator, wait for one byte from the fifo', 'read(2)', {}),
	leave: op('_exit: init goes on without its creator', '_exit(2)', {}),
	hook: op('fork, execve, wait; the state of the container is its input', 'execve(2)', {
		path: 'str',
		argv: 'strs',
		env: 'strs',
		stateHead: 'bytes',
		stateTail: 'bytes',
		timeoutMs: 'int',
	}),
	writePid: op("write init's pid to a temporary file, rename", 'rename(2)', { path: 'str', temporary: 'str' }),
	sendDescriptor: op('connect, sendmsg(SCM_RIGHTS) of the terminal or of a pidfd of init', 'unix(7)', {
		socket: 'str',
		name: 'str',
		pidfd: 'int',
	}),
	findProgram: op('faccessat(X_OK) until one can be executed', 'access(2)', { paths: 'strs' }),
	// a process in a container that exists
	openTarget: op('pidfd_open, compare the start time', 'pidfd_open(2)', { pid: 'int', startTime: 'int' }),
	joinTarget: op('setns by the pidfd', 'setns(2)', { flags: 'int' }),
	// scheduling and memory of the process
	schedSetattr: op('sched_setattr', 'sched_setattr(2)', { attr: 'bytes' }),
	schedSetaffinity: op('sched_setaffinity', 'sched_setaffinity(2)', { cpus: 'bytes' }),
	ioprioSet: op('ioprio_set', 'ioprio_set(2)', { which: 'int', who: 'int', ioprio: 'int' }),
	personality: op('personality', 'personality(2)', { persona: 'int' }),
	setMempolicy: op('set_mempolicy', 'set_mempolicy(2)', { mode: 'int', nodes: 'bytes' }),
	forkInit: op('clone(CLONE_PARENT): the child goes on as init, its maker ends', 'clone(2)', {}),
	// a cgroup that may be there already
	requireEmptyCgroup: op('flock; read cgroup.procs of the cgroup and those below', 'cgroups(7)', { path: 'str' }),
	// a resource control group
	rmdir: op('rmdir', 'rmdir(2)', { path: 'str' }),
	// a seccomp agent
	connectAgent: op('connect', 'unix(7)', { socket: 'str' }),
	seccompNotify: op('seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER), sendmsg(SCM_RIGHTS) to the agent', 'seccomp(2)', {
		filter: 'bytes',
		flags: 'int',
		state: 'strs',
	}),
	moveLink: op("netlink, with init's pid as the last word of the message", 'rtnetlink(7)', { message: 'bytes' }),
	// more mounts
	tmpfsInRoot: op('openat2(RESOLVE_IN_ROOT), mount of a tmpfs with the mode of its target, a copy of it', 'tmpfs(5)', {
		source: 'str',
		target: 'str',
		flags: 'int',
		data: 'str',
		copy: 'int',
	}),
	sendMapped: op(
		'open_tree and mount_setattr(MOUNT_ATTR_IDMAP) in the mount namespace of init, sendmsg',
		'mount_setattr(2)',
		{
			source: 'str',
			treeFlags: 'int',
			atFlags: 'int',
			userns: 'str',
			uidMap: 'str',
			gidMap: 'str',
		},
	),
	replaceLinkInRoot: op('openat2(RESOLVE_IN_ROOT), unlinkat, symlinkat', 'symlink(2)', { target: 'str', path: 'str' }),
	chroot: op('fchdir, chroot', 'chroot(2)', {}),
	sendSource: op('open(O_PATH) in the mount namespace of init, sendmsg', 'open(2)', { path: 'str' }),
	netfilter: op('socket(NETLINK_NETFILTER), send a batch, read the acknowledgement', 'netlink(7)', {
		message: 'bytes',
	}),
	log: op('open, dup3 over the standard output and error', 'open(2)', { path: 'str', maxSize: 'int', files: 'int' }),
	probe: op('carry a plan out in a child, again and again while the container runs', 'fork(2)', {
		plan: 'bytes',
		path: 'str',
		intervalMs: 'int',
		timeoutMs: 'int',
		files: 'int',
	}),
} as const satisfies Readonly<Record<string, OpShape>>;

export type OpName = keyof typeof OPS;
export const PLAN_VERSION = 4;
export const MAX_ARGS = 6;
