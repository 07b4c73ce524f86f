import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkBytes, checkNumber, checkText } from './check-argument.ts';
import { AT_FDCWD, MFD_CLOEXEC, O_CLOEXEC, S_IFIFO } from './flags.ts';
import { makeNode } from './make-node.ts';
import { pathWord } from './path-word.ts';
import { perform } from './perform.ts';

export interface SpecialFile {
	readonly path: Path;
	/** S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK or S_IFREG, and the permissions, which the umask narrows. */
	readonly mode: number;
	readonly device?: readonly [major: number, minor: number];
}

/** mknod(2). */
export function mknod({ path, mode, device = [0, 0] }: SpecialFile): void {
	checkText('mknod', 'path', path);
	checkNumber('mknod', 'mode', mode);
	checkNumber('mknod', 'device[0]', device[0]);
	checkNumber('mknod', 'device[1]', device[1]);
	perform(makeNode(AT_FDCWD, path, mode, device), 'mknod', { path, mode, device });
}

/** mkfifo(3). @param mode the permissions, which the umask narrows */
export function mkfifo(path: Path, mode = 0o600): void {
	checkText('mkfifo', 'path', path);
	checkNumber('mkfifo', 'mode', mode);
	perform(makeNode(AT_FDCWD, path, S_IFIFO | mode, [0, 0]), 'mkfifo', { path, mode });
}

export interface Open {
	/** Where a relative path begins; the working directory unless told. */
	readonly dirfd?: number;
	readonly path: Path;
	/** O_*; O_CLOEXEC unless told. */
	readonly flags?: number;
	/** Permissions of a file that O_CREAT makes. */
	readonly mode?: number;
	/** RESOLVE_*: which ways the path may go. */
	readonly resolve?: number;
}

/** openat2(2). @returns a descriptor, for the caller to close */
export function openat2({ dirfd = AT_FDCWD, path, flags = O_CLOEXEC, mode = 0, resolve = 0 }: Open): number {
	if (dirfd !== AT_FDCWD) checkNumber('openat2', 'dirfd', dirfd);
	checkText('openat2', 'path', path);
	checkNumber('openat2', 'flags', flags);
	checkNumber('openat2', 'mode', mode);
	checkNumber('openat2', 'resolve', resolve);
	const how = [flags, mode, resolve];
	const fd = call('openat2', dirfd, pathWord(path), how, how.length * 8);
	return perform(fd, 'openat2', { dirfd, path, flags, mode, resolve });
}

/** The longest value that an extended attribute can have (XATTR_SIZE_MAX). */
const LONGEST_VALUE = 65536;

/** getxattr(2): the value of an extended attribute; ENODATA where there is none. Follows symbolic links. */
export function getxattr(path: Path, name: string): Buffer {
	checkText('getxattr', 'path', path);
	checkText('getxattr', 'name', name);
	const value = Buffer.alloc(LONGEST_VALUE);
	const length = call('getxattr', pathWord(path), name, value, value.length);
	return Buffer.from(value.subarray(0, perform(length, 'getxattr', { path, name })));
}

export interface ExtendedAttribute {
	readonly path: Path;
	/** With its class: `user.comment`, `security.capability`. */
	readonly name: string;
	readonly value: Uint8Array | string;
	/** XATTR_CREATE or XATTR_REPLACE. */
	readonly flags?: number;
}

/** setxattr(2). Follows symbolic links. */
export function setxattr({ path, name, value, flags = 0 }: ExtendedAttribute): void {
	const bytes = typeof value === 'string' ? Buffer.from(value) : value;
	checkText('setxattr', 'path', path);
	checkText('setxattr', 'name', name);
	checkBytes('setxattr', 'value', bytes);
	checkNumber('setxattr', 'flags', flags);
	const result = call('setxattr', pathWord(path), name, bytes, bytes.length, flags);
	perform(result, 'setxattr', { path, name, value: bytes, flags });
}

/** memfd_create(2): a file without a place. @param flags MFD_*; MFD_CLOEXEC unless told. @returns a descriptor */
export function memfdCreate(name: string, flags: number = MFD_CLOEXEC): number {
	checkText('memfdCreate', 'name', name);
	checkNumber('memfdCreate', 'flags', flags);
	return perform(call('memfd_create', name, flags), 'memfd_create', { name, flags });
}
