import type { Path, ProbedSyscall } from './addon.ts';
import { AT_SYMLINK_NOFOLLOW, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE } from './flags.ts';
import { addon } from './load-addon.ts';
import { type CallArguments, SystemError } from './system-error.ts';

export { memfdCreate } from './file-calls.ts';
export * from './flags.ts';
export { execve } from './process-calls.ts';
export type { Path, ProbedSyscall };

const EAGAIN = 11;
const ERANGE = 34;
const ENODATA = 61;

// Each call throws SystemError. Nothing is allocated for a call that succeeds: unpacking an image makes 100,000 of them.

export interface FileStatus {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly nlink: number;
	readonly dev: number;
	/** Overlay numbers use all 64 bits. */
	readonly ino: bigint;
	readonly rdev: readonly [major: number, minor: number];
	/** Whole seconds since the epoch, negative before it. */
	readonly mtimeSec: number;
	readonly mtimeNsec: number;
}

export interface OpenHow {
	/** Taken as they are: give O_CLOEXEC. */
	readonly flags: number;
	readonly mode?: number;
	/** RESOLVE_*. */
	readonly resolve?: number;
}

/** @returns a descriptor */
export function openat2(dirfd: number, path: Path, { flags, mode = 0, resolve = 0 }: OpenHow): number {
	const fd = addon().openat2(dirfd, path, flags, mode, resolve);
	if (fd < 0) throw failure(fd, 'openat2', { dirfd, path, flags, mode, resolve });
	return fd;
}

export function mkdirat(dirfd: number, path: Path, mode: number): void {
	const result = addon().mkdirat(dirfd, path, mode);
	if (result < 0) throw failure(result, 'mkdirat', { dirfd, path, mode });
}

/** @param mode the type (S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK, S_IFREG) and the permissions, which the umask narrows */
export function mknodat(dirfd: number, path: Path, mode: number, device: readonly [number, number] = [0, 0]): void {
	const result = addon().mknodat(dirfd, path, mode, device[0], device[1]);
	if (result < 0) throw failure(result, 'mknodat', { dirfd, path, mode, device });
}

export function symlinkat(target: Path, dirfd: number, path: Path): void {
	const result = addon().symlinkat(target, dirfd, path);
	if (result < 0) throw failure(result, 'symlinkat', { target, dirfd, path });
}

/** @param flags AT_EMPTY_PATH (needs CAP_DAC_READ_SEARCH) links the descriptor itself; AT_SYMLINK_FOLLOW follows the old path */
export function linkat(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags = 0): void {
	const result = addon().linkat(oldDirfd, oldPath, newDirfd, newPath, flags);
	if (result < 0) throw failure(result, 'linkat', { oldDirfd, oldPath, newDirfd, newPath, flags });
}

/** @param flags AT_REMOVEDIR for a directory */
export function unlinkat(dirfd: number, path: Path, flags = 0): void {
	const result = addon().unlinkat(dirfd, path, flags);
	if (result < 0) throw failure(result, 'unlinkat', { dirfd, path, flags });
}

/** @param flags RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT */
export function renameat2(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags = 0): void {
	const result = addon().renameat2(oldDirfd, oldPath, newDirfd, newPath, flags);
	if (result < 0) throw failure(result, 'renameat2', { oldDirfd, oldPath, newDirfd, newPath, flags });
}

/** The target of a symbolic link; with an empty path, of the link that `dirfd` (O_PATH | O_NOFOLLOW) is. */
export function readlinkat(dirfd: number, path: Path): string {
	const length = addon().readlinkat(dirfd, path, scratch);
	if (length < 0) throw failure(length, 'readlinkat', { dirfd, path });
	return scratch.toString('utf8', 0, length);
}

/** @param flags AT_SYMLINK_NOFOLLOW unless told; AT_EMPTY_PATH with an empty path means the descriptor itself */
export function fstatat(dirfd: number, path: Path, flags: number = AT_SYMLINK_NOFOLLOW): FileStatus {
	const result = addon().fstatat(dirfd, path, flags, status);
	if (result < 0) throw failure(result, 'fstatat', { dirfd, path, flags });
	const [mode = 0, uid = 0, gid = 0, size = 0, nlink = 0, dev = 0, major = 0, minor = 0, mtimeSec = 0, mtimeNsec = 0] =
		status;
	const ino = statusWords[10] ?? 0n;
	return { mode, uid, gid, size, nlink, dev, ino, rdev: [major, minor], mtimeSec, mtimeNsec };
}

export function fchownat(dirfd: number, path: Path, uid: number, gid: number, flags = AT_SYMLINK_NOFOLLOW): void {
	const result = addon().fchownat(dirfd, path, uid, gid, flags);
	if (result < 0) throw failure(result, 'fchownat', { dirfd, path, uid, gid, flags });
}

/** Follows a symbolic link, unless AT_SYMLINK_NOFOLLOW: EOPNOTSUPP where it is one. */
export function fchmodat(dirfd: number, path: Path, mode: number, flags = 0): void {
	const result = addon().fchmodat(dirfd, path, mode, flags);
	if (result < 0) throw failure(result, 'fchmodat', { dirfd, path, mode, flags });
}

/** Sets both times. @param nsec 0 to 999,999,999, also for a negative `sec` */
export function utimensat(dirfd: number, path: Path, sec: number, nsec: number, flags = AT_SYMLINK_NOFOLLOW): void {
	const result = addon().utimensat(dirfd, path, sec, nsec, flags);
	if (result < 0) throw failure(result, 'utimensat', { dirfd, path, sec, nsec, flags });
}

/** The value of an extended attribute of the path itself, or undefined where it has none of this name. */
export function lgetxattr(path: Path, name: string): Buffer | undefined {
	// Small first: the kernel clears a buffer of the size that is asked for.
	let length = addon().lgetxattr(path, name, smallScratch);
	if (length === -ERANGE) length = addon().lgetxattr(path, name, scratch);
	if (length === -ENODATA) return undefined;
	if (length < 0) throw failure(length, 'lgetxattr', { path, name });
	return Buffer.from(scratch.subarray(0, length));
}

export function lsetxattr(path: Path, name: string, value: Uint8Array, flags = 0): void {
	const result = addon().lsetxattr(path, name, value, flags);
	if (result < 0) throw failure(result, 'lsetxattr', { path, name, value, flags });
}

/** The names of the extended attributes of the path itself. */
export function llistxattr(path: Path): readonly string[] {
	let length = addon().llistxattr(path, smallScratch);
	if (length === -ERANGE) length = addon().llistxattr(path, scratch);
	if (length < 0) throw failure(length, 'llistxattr', { path });
	return length === 0 ? [] : scratch.toString('utf8', 0, length - 1).split('\0');
}

/** The descriptor must be open for more than O_PATH. */
export function fsetxattr(fd: number, name: string, value: Uint8Array, flags = 0): void {
	const result = addon().fsetxattr(fd, name, value, flags);
	if (result < 0) throw failure(result, 'fsetxattr', { fd, name, value, flags });
}

const LOCK_OPERATIONS = { shared: 1, exclusive: 2, unlock: 8 } as const;
const LOCK_NB = 4;

/** @returns false where `nonBlocking` and another holds the lock; otherwise it waits, and this thread with it */
export function flock(fd: number, kind: keyof typeof LOCK_OPERATIONS, nonBlocking = false): boolean {
	const result = addon().flock(fd, LOCK_OPERATIONS[kind] | (nonBlocking ? LOCK_NB : 0));
	if (result >= 0) return true;
	if (result === -EAGAIN) return false;
	throw failure(result, 'flock', { fd, kind, nonBlocking });
}

/** As `isatty` of node:tty, which would load the network stack of Node with it (3 ms). */
export function isTerminal(fd: number): boolean {
	return addon().isatty(fd) === 1;
}

const ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/** F_ADD_SEALS of a memfd made with MFD_ALLOW_SEALING: unless told, nobody can change it again, nor its seals. */
export function addSeals(fd: number, seals: number = ALL_SEALS): void {
	const result = addon().addSeals(fd, seals);
	if (result < 0) throw failure(result, 'fcntl(F_ADD_SEALS)', { fd, seals });
}

export function setCloexec(fd: number, on: boolean): void {
	const result = addon().setCloexec(fd, on ? 1 : 0);
	if (result < 0) throw failure(result, 'fcntl(F_SETFD)', { fd, on });
}

/**
 * The errno of a call with arguments that it must refuse, so that ENOSYS (an old kernel) and EPERM (a seccomp filter) can be
 * told from what the kernel itself says of them.
 */
export function probeSyscall(name: ProbedSyscall): number {
	const errno = addon().probe(name);
	if (errno < 0) throw failure(errno, 'probe', { name });
	return errno;
}

/** Big enough for the longest value and the longest list of extended attributes (XATTR_SIZE_MAX), and for any path. */
const scratch = Buffer.allocUnsafeSlow(65536);
const smallScratch = scratch.subarray(0, 4096);
const status = new Float64Array(11);
const statusWords = new BigUint64Array(status.buffer);

function failure(result: number, syscall: string, args: CallArguments): SystemError {
	return new SystemError(-result, syscall, args);
}
