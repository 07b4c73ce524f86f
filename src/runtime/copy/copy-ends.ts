import { closeSync } from 'node:fs';
import { join, resolve } from 'node:path/posix';
import { errnoWords } from '../../core/errno.ts';
import {
	AT_EMPTY_PATH,
	AT_FDCWD,
	type FileStatus,
	fstatat,
	O_CLOEXEC,
	O_DIRECTORY,
	O_NOFOLLOW,
	O_PATH,
	openat2,
	RESOLVE_IN_ROOT,
	RESOLVE_NO_MAGICLINKS,
	readlinkat,
	S_IFDIR,
	S_IFLNK,
	S_IFMT,
} from '../../native/syscalls.ts';
import { copyFault, saysContent, saysDirectory } from '../../spec/place-copy.ts';

/** Where paths of one end of a copy begin. */
export interface End {
	/** Descriptor of the container's root; absent for the host. */
	readonly root?: number;
	/** As the user named it. */
	readonly shown: string;
	/** Absolute. */
	readonly path: string;
	/** Its last part, and what follows that, as it was given: a slash or a dot at the end means something. */
	readonly given: string;
}

export interface OpenedSource {
	/** O_PATH. */
	readonly fd: number;
	readonly isDirectory: boolean;
	/** That the first member of the archive has, as latin-1. */
	readonly name: string;
}

const MAX_LINKS = 40;

/** A path of the host counts from the directory of the caller, one of a container from its root. */
export function endOf(given: string, { root, shown }: { readonly root?: number; readonly shown: string }): End {
	const path = root === undefined ? resolve(given) : join('/', given);
	return { ...(root === undefined ? {} : { root }), shown, path, given };
}

/**
 * Opens what is to be copied. A link is copied as one, unless it is followed.
 * @throws TsrunError TSRUN_CP
 */
export function openSource(end: End, follow: boolean): OpenedSource {
	const isContent = saysContent(end.given);
	const isFollowed = follow || saysDirectory(end.given);
	const path = clean(end.path);
	const fd = open(end, path, isFollowed ? O_PATH : O_PATH | O_NOFOLLOW);
	const isDirectory = typeOf(fstatat(fd, '', AT_EMPTY_PATH)) === S_IFDIR;
	if (saysDirectory(end.given) && !isDirectory) {
		closeSync(fd);
		throw copyFault(`${end.shown} is not a directory`);
	}
	const base = latin1(path.slice(path.lastIndexOf('/') + 1));
	return { fd, isDirectory, name: isContent || base === '' ? '.' : base };
}

export interface OpenedDestination {
	readonly kind?: 'directory' | 'other';
	/** O_PATH: the directory that it is in, and itself where it is a directory. */
	readonly parent: number;
	readonly directory?: number;
	/** Where the links of the destination lead. */
	readonly name: string;
}

/**
 * Opens the place of a copy: links at its end are followed, in a container inside of that.
 * @throws TsrunError TSRUN_CP where its parent is not there
 */
export function openDestination(end: End): OpenedDestination {
	let path = clean(end.path);
	for (let hops = 0; hops < MAX_LINKS; hops++) {
		const slash = path.lastIndexOf('/');
		const name = path.slice(slash + 1);
		const parent = open(end, path.slice(0, slash) || '/', O_PATH | O_DIRECTORY);
		if (name === '' || name === '.' || name === '..') {
			closeSync(parent);
			const directory = open(end, path, O_PATH | O_DIRECTORY);
			return { kind: 'directory', parent: open(end, path, O_PATH | O_DIRECTORY), directory, name: '.' };
		}
		const found = tryOpen(parent, name);
		if (found === undefined) return { parent, name };
		const type = typeOf(fstatat(found, '', AT_EMPTY_PATH));
		if (type === S_IFDIR) return { kind: 'directory', parent, directory: found, name };
		if (type !== S_IFLNK) {
			closeSync(found);
			return { kind: 'other', parent, name };
		}
		const target = readlinkat(found, '');
		closeSync(found);
		closeSync(parent);
		path = target.startsWith('/') ? target : `${path.slice(0, slash)}/${target}`;
	}
	throw copyFault(`${end.shown}: ${errnoWords(40)}`);
}

function open({ root, shown }: End, path: string, flags: number): number {
	try {
		return openat2(root ?? AT_FDCWD, path, {
			flags: flags | O_CLOEXEC,
			resolve: root === undefined ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
		});
	} catch (error) {
		const { code, errno = 0 } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		throw copyFault(`${shown}: ${errnoWords(Math.abs(errno))}`);
	}
}

function tryOpen(parent: number, name: string): number | undefined {
	try {
		return openat2(parent, name, { flags: O_PATH | O_NOFOLLOW | O_CLOEXEC });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

function clean(path: string): string {
	return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const typeOf = ({ mode }: FileStatus): number => mode & S_IFMT;

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
