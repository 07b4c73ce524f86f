/** A path or a name as the kernel takes it: bytes without NUL; a string stands for its UTF-8 bytes. */
export type Path = string | Uint8Array;

/** The calls whose presence `probe` can ask for. */
export type ProbedSyscall =
	| 'openat2'
	| 'clone3'
	| 'close_range'
	| 'pidfd_open'
	| 'mount_setattr'
	| 'fsopen'
	| 'seccomp';

/**
 * The functions of native/addon.c. Each returns what the system call returned, or the negative errno; arguments of a wrong
 * type throw TypeError. `out` is filled by the call.
 */
export interface Addon {
	unshare(flags: number): number;
	setns(fd: number, type: number): number;
	sethostname(name: string): number;
	setdomainname(name: string): number;
	mount(source: Path | undefined, target: Path, type: string, flags: number, data: Path | undefined): number;
	umount2(target: Path, flags: number): number;
	pivotRoot(newRoot: Path, putOld: Path): number;
	chroot(path: Path): number;
	/** `failedStage` receives one of clone, dup, chdir, exec (0 to 3). */
	spawn(
		flags: number,
		path: Path,
		argv: readonly Path[],
		env: readonly Path[],
		cwd: Path | undefined,
		stdin: number,
		stdout: number,
		stderr: number,
		failedStage: Int32Array,
	): number;
	/** `out` receives the exit code or -1, and the signal or 0. */
	waitpid(pid: number, options: number, out: Int32Array): number;
	execve(path: Path, argv: readonly Path[], env: readonly Path[]): number;
	prctl(option: number, arg2: number | string, arg3: number, arg4: number, arg5: number): number;
	/** Six words: effective, permitted, inheritable of the low 32 capabilities, then of the high ones. */
	capget(pid: number, out: Uint32Array): number;
	capset(pid: number, sets: Uint32Array): number;
	pidfdOpen(pid: number, flags: number): number;
	pidfdSendSignal(pidfd: number, signal: number): number;
	openat2(dirfd: number, path: Path, flags: number, mode: number, resolve: number): number;
	mkdirat(dirfd: number, path: Path, mode: number): number;
	mknodat(dirfd: number, path: Path, mode: number, major: number, minor: number): number;
	symlinkat(target: Path, dirfd: number, path: Path): number;
	linkat(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags: number): number;
	unlinkat(dirfd: number, path: Path, flags: number): number;
	renameat2(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags: number): number;
	readlinkat(dirfd: number, path: Path, out: Uint8Array): number;
	/** `out` receives ten doubles and the inode number as a 64-bit integer. */
	fstatat(dirfd: number, path: Path, flags: number, out: Float64Array): number;
	fchownat(dirfd: number, path: Path, uid: number, gid: number, flags: number): number;
	fchmodat(dirfd: number, path: Path, mode: number, flags: number): number;
	utimensat(dirfd: number, path: Path, sec: number, nsec: number, flags: number): number;
	getxattr(path: Path, name: string, out: Uint8Array): number;
	setxattr(path: Path, name: string, value: Uint8Array, flags: number): number;
	lgetxattr(path: Path, name: string, out: Uint8Array): number;
	lsetxattr(path: Path, name: string, value: Uint8Array, flags: number): number;
	llistxattr(path: Path, out: Uint8Array): number;
	fsetxattr(fd: number, name: string, value: Uint8Array, flags: number): number;
	memfdCreate(name: string, flags: number): number;
	addSeals(fd: number, seals: number): number;
	setCloexec(fd: number, on: number): number;
	flock(fd: number, operation: number): number;
	/** 1 for a terminal, else 0. */
	isatty(fd: number): number;
	/** The errno of a call that can do nothing, or 0. */
	probe(name: ProbedSyscall): number;
}
