import { closeSync, fstatSync, readFileSync, readSync } from 'node:fs';
import { resolve } from 'node:path/posix';
import {
	O_NOFOLLOW,
	O_NONBLOCK,
	O_PATH,
	O_RDONLY,
	openat2,
	RESOLVE_IN_ROOT,
	RESOLVE_NO_MAGICLINKS,
	readlinkat,
} from '../native/syscalls.ts';

const HEAD_SIZE = 4096;
const INSIDE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/** A container as init sees it. */
export interface ContainerView {
	/** Descriptor of its root. */
	readonly root: number;
	readonly cwd: string;
	/** Pid of init on the host. */
	readonly init: number;
}

export interface Found {
	/** As it was asked for. */
	readonly path: string;
	readonly kind: 'file' | 'directory' | 'other';
	/** Permission bits. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** The first bytes of a file. */
	readonly head: Uint8Array;
	/** Of the mount that it lies on: `ro`, `noexec`, … */
	readonly mountOptions: readonly string[];
}

/** What is at a path of the container; links are followed there. Undefined where nothing is. A FIFO does not block. */
export function lookAt({ root, cwd, init }: ContainerView, path: string): Found | undefined {
	try {
		const fd = openat2(root, resolve(cwd, path), { flags: O_RDONLY | O_NONBLOCK, resolve: INSIDE });
		try {
			const stat = fstatSync(fd);
			const head = new Uint8Array(HEAD_SIZE);
			const length = stat.isFile() ? readSync(fd, head, 0, HEAD_SIZE, 0) : 0;
			return {
				path,
				kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other',
				mode: stat.mode & 0o7777,
				uid: stat.uid,
				gid: stat.gid,
				head: head.subarray(0, length),
				mountOptions: mountOptionsOf(fd, init),
			};
		} finally {
			closeSync(fd);
		}
	} catch {
		return undefined;
	}
}

/** The text of the symbolic link at a path of the container; undefined where there is none. */
export function linkAt({ root, cwd }: ContainerView, path: string): string | undefined {
	try {
		const fd = openat2(root, resolve(cwd, path), { flags: O_PATH | O_NOFOLLOW, resolve: INSIDE });
		try {
			return fstatSync(fd).isSymbolicLink() ? readlinkat(fd, '') : undefined;
		} finally {
			closeSync(fd);
		}
	} catch {
		return undefined;
	}
}

/** By the mount's id (proc(5), /proc/pid/fdinfo), so that no path is compared. */
function mountOptionsOf(fd: number, init: number): readonly string[] {
	const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
	const line = readFileSync(`/proc/${init}/mountinfo`, 'utf8')
		.split('\n')
		.find(each => each.split(' ', 1)[0] === id);
	return line?.split(' ')[5]?.split(',') ?? [];
}
