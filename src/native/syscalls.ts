import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkBytes } from './check-argument.ts';
import {
	AT_NO_AUTOMOUNT,
	AT_SYMLINK_NOFOLLOW,
	F_SEAL_GROW,
	F_SEAL_SEAL,
	F_SEAL_SHRINK,
	F_SEAL_WRITE,
} from './flags.ts';
import { makeNode } from './make-node.ts';
import { pathWord } from './path-word.ts';
import { type CallArguments, SystemError } from './system-error.ts';

export { memfdCreate } from './file-calls.ts';
export * from './flags.ts';
export { type ProbedSyscall, probeSyscall } from './probe-syscall.ts';
export { execve } from './process-calls.ts';
export type { Path };

const EINTR = 4;
const EAGAIN = 11;
const ERANGE = 34;
const ENODATA = 61;
const EOPNOTSUPP = 95;

/** sizeof(struct open_how): three fields. */
const HOW_SIZE = 24;
const STATX_BASIC_STATS = 0x7ff;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_ADD_SEALS = 1033;
const TCGETS = 0x5401;

// Each call throws SystemError. Nothing is allocated for a call that succeeds: unpacking an image makes 100,000 of them.

export interface FileStatus {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly nlink: number;
	readonly dev: readonly [major: number, minor: number];
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
	setWord(0, flags);
	setWord(1, mode);
	setWord(2, resolve);
	const fd = call('openat2', dirfd, pathWord(path), fields, HOW_SIZE);
	if (fd < 0) throw failure(fd, 'openat2', { dirfd, path, flags, mode, resolve });
	return fd;
}

export function mkdirat(dirfd: number, path: Path, mode: number): void {
	const result = call('mkdirat', dirfd, pathWord(path), mode);
	if (result < 0) throw failure(result, 'mkdirat', { dirfd, path, mode });
}

/** @param mode the type (S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK, S_IFREG) and the permissions, which the umask narrows */
export function mknodat(dirfd: number, path: Path, mode: number, device: readonly [number, number] = [0, 0]): void {
	const result = makeNode(dirfd, path, mode, device);
	if (result < 0) throw failure(result, 'mknodat', { dirfd, path, mode, device });
}

export function symlinkat(target: Path, dirfd: number, path: Path): void {
	const result = call('symlinkat', pathWord(target), dirfd, pathWord(path));
	if (result < 0) throw failure(result, 'symlinkat', { target, dirfd, path });
}

/** @param flags AT_EMPTY_PATH (needs CAP_DAC_READ_SEARCH) links the descriptor itself; AT_SYMLINK_FOLLOW follows the old path */
export function linkat(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags = 0): void {
	const result = call('linkat', oldDirfd, pathWord(oldPath), newDirfd, pathWord(newPath), flags);
	if (result < 0) throw failure(result, 'linkat', { oldDirfd, oldPath, newDirfd, newPath, flags });
}

/** @param flags AT_REMOVEDIR for a directory */
export function unlinkat(dirfd: number, path: Path, flags = 0): void {
	const result = call('unlinkat', dirfd, pathWord(path), flags);
	if (result < 0) throw failure(result, 'unlinkat', { dirfd, path, flags });
}

/** @param flags RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT */
export function renameat2(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags = 0): void {
	const result = call('renameat2', oldDirfd, pathWord(oldPath), newDirfd, pathWord(newPath), flags);
	if (result < 0) throw failure(result, 'renameat2', { oldDirfd, oldPath, newDirfd, newPath, flags });
}

/** The target of a symbolic link; with an empty path, of the link that `dirfd` (O_PATH | O_NOFOLLOW) is. */
export function readlinkat(dirfd: number, path: Path): string {
	const length = call('readlinkat', dirfd, pathWord(path), scratch, scratch.length);
	if (length < 0) throw failure(length, 'readlinkat', { dirfd, path });
	return scratch.toString('utf8', 0, length);
}

/**
 * By statx(2), whose result is the same on every architecture.
 * @param flags AT_SYMLINK_NOFOLLOW unless told; AT_EMPTY_PATH with an empty path means the descriptor itself
 */
export function fstatat(dirfd: number, path: Path, flags: number = AT_SYMLINK_NOFOLLOW): FileStatus {
	const result = call('statx', dirfd, pathWord(path), flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, scratch);
	if (result < 0) throw failure(result, 'statx', { dirfd, path, flags });
	return {
		nlink: status.getUint32(16, true),
		uid: status.getUint32(20, true),
		gid: status.getUint32(24, true),
		mode: status.getUint16(28, true),
		ino: status.getBigUint64(32, true),
		size: Number(status.getBigUint64(40, true)),
		mtimeSec: Number(status.getBigInt64(112, true)),
		mtimeNsec: status.getUint32(120, true),
		rdev: [status.getUint32(128, true), status.getUint32(132, true)],
		dev: [status.getUint32(136, true), status.getUint32(140, true)],
	};
}

export function fchownat(dirfd: number, path: Path, uid: number, gid: number, flags = AT_SYMLINK_NOFOLLOW): void {
	const result = call('fchownat', dirfd, pathWord(path), uid, gid, flags);
	if (result < 0) throw failure(result, 'fchownat', { dirfd, path, uid, gid, flags });
}

/** Follows a symbolic link. */
export function fchmodat(dirfd: number, path: Path, mode: number): void {
	const result = call('fchmodat', dirfd, pathWord(path), mode);
	if (result < 0) throw failure(result, 'fchmodat', { dirfd, path, mode });
}

/** Sets both times. @param nsec 0 to 999,999,999, also for a negative `sec` */
export function utimensat(dirfd: number, path: Path, sec: number, nsec: number, flags = AT_SYMLINK_NOFOLLOW): void {
	setTimes(sec, nsec);
	const result = call('utimensat', dirfd, pathWord(path), fields, flags);
	if (result < 0) throw failure(result, 'utimensat', { dirfd, path, sec, nsec, flags });
}

/** As {@link utimensat}, of an open file: no path is looked up. */
export function futimens(fd: number, sec: number, nsec: number): void {
	setTimes(sec, nsec);
	const result = call('utimensat', fd, undefined, fields, 0);
	if (result < 0) throw failure(result, 'futimens', { fd, sec, nsec });
}

/** The value of an extended attribute of the path itself; undefined where it has none of this name, or can have none. */
export function lgetxattr(path: Path, name: string): Buffer | undefined {
	// Small first: the kernel clears a buffer of the size that is asked for.
	let length = call('lgetxattr', pathWord(path), name, scratch, SMALL);
	if (length === -ERANGE) length = call('lgetxattr', pathWord(path), name, scratch, scratch.length);
	// overlayfs of Linux 6.1 answers EOPNOTSUPP for trusted.overlay.*, that of 6.18 ENODATA
	if (length === -ENODATA || length === -EOPNOTSUPP) return undefined;
	if (length < 0) throw failure(length, 'lgetxattr', { path, name });
	return Buffer.from(scratch.subarray(0, length));
}

export function lsetxattr(path: Path, name: string, value: Uint8Array, flags = 0): void {
	checkBytes('lsetxattr', 'value', value);
	const result = call('lsetxattr', pathWord(path), name, value, value.length, flags);
	if (result < 0) throw failure(result, 'lsetxattr', { path, name, value, flags });
}

/** The names of the extended attributes of the path itself. */
export function llistxattr(path: Path): readonly string[] {
	let length = call('llistxattr', pathWord(path), scratch, SMALL);
	if (length === -ERANGE) length = call('llistxattr', pathWord(path), scratch, scratch.length);
	if (length < 0) throw failure(length, 'llistxattr', { path });
	return length === 0 ? [] : scratch.toString('utf8', 0, length - 1).split('\0');
}

/** The descriptor must be open for more than O_PATH. */
export function fsetxattr(fd: number, name: string, value: Uint8Array, flags = 0): void {
	checkBytes('fsetxattr', 'value', value);
	const result = call('fsetxattr', fd, name, value, value.length, flags);
	if (result < 0) throw failure(result, 'fsetxattr', { fd, name, value, flags });
}

const LOCK_OPERATIONS = { shared: 1, exclusive: 2, unlock: 8 } as const;
const LOCK_NB = 4;

/** @returns false where `nonBlocking` and another holds the lock; otherwise it waits, and this thread with it */
export function flock(fd: number, kind: keyof typeof LOCK_OPERATIONS, nonBlocking = false): boolean {
	let result: number;
	do result = call('flock', fd, LOCK_OPERATIONS[kind] | (nonBlocking ? LOCK_NB : 0));
	while (result === -EINTR);
	if (result >= 0) return true;
	if (result === -EAGAIN) return false;
	throw failure(result, 'flock', { fd, kind, nonBlocking });
}

/** As `isatty` of node:tty, which would load the network stack of Node with it (3 ms). */
export function isTerminal(fd: number): boolean {
	return call('ioctl', fd, TCGETS, scratch) === 0;
}

const ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/** F_ADD_SEALS of a memfd made with MFD_ALLOW_SEALING: unless told, nobody can change it again, nor its seals. */
export function addSeals(fd: number, seals: number = ALL_SEALS): void {
	const result = call('fcntl', fd, F_ADD_SEALS, seals);
	if (result < 0) throw failure(result, 'fcntl(F_ADD_SEALS)', { fd, seals });
}

export function setCloexec(fd: number, on: boolean): void {
	const result = call('fcntl', fd, F_SETFD, on ? FD_CLOEXEC : 0);
	if (result < 0) throw failure(result, 'fcntl(F_SETFD)', { fd, on });
}

/** Big enough for the longest value and the longest list of extended attributes (XATTR_SIZE_MAX), and for any path. */
const scratch = Buffer.allocUnsafeSlow(65536);
/** The same as struct statx. */
const status = new DataView(scratch.buffer);
const SMALL = 4096;
/** The fields of a structure, 64 bits each as two words, the low one first. */
const fields = new Uint32Array(8);

function setTimes(sec: number, nsec: number): void {
	for (const time of [0, 2]) {
		setWord(time, sec);
		setWord(time + 1, nsec);
	}
}

function setWord(index: number, value: number): void {
	fields[2 * index] = value;
	fields[2 * index + 1] = Math.floor(value / 2 ** 32);
}

function failure(result: number, syscall: string, args: CallArguments): SystemError {
	return new SystemError(-result, syscall, args);
}
