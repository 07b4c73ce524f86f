import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { getxattr } from '../native/file-calls.ts';
import {
	AT_EMPTY_PATH,
	O_CLOEXEC,
	O_DIRECTORY,
	O_NOFOLLOW,
	O_NONBLOCK,
	O_PATH,
	O_RDONLY,
	RESOLVE_BENEATH,
	RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_SYMLINKS,
	S_IFBLK,
	S_IFCHR,
	S_IFDIR,
	S_IFIFO,
	S_IFLNK,
	S_IFMT,
	S_IFREG,
} from '../native/flags.ts';
import { type FileStatus, fstatat, openat2, readlinkat } from '../native/syscalls.ts';
import { isOfKernel } from './kernel-files.ts';
import type { Metadata } from './layer-entry.ts';
import { bytesOf } from './layer-fs.ts';
import { type TarMember, tarHeader, tarPadding } from './tar-writer.ts';

const CAPABILITY = 'security.capability';
const CHUNK = 1 << 18;
const MAX_DEPTH = 250;
const SAFELY = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const TYPES: Readonly<Record<number, TarMember['type']>> = {
	[S_IFREG]: 'file',
	[S_IFDIR]: 'directory',
	[S_IFLNK]: 'symlink',
	[S_IFCHR]: 'character',
	[S_IFBLK]: 'block',
	[S_IFIFO]: 'fifo',
};

/** Turns an id of the host into one of the archive, or the other way round. */
export type IdChange = (kind: 'uid' | 'gid', id: number) => number;

/**
 * Writes a file, or a directory with all that is below it, as members of a tar archive; a second name of a file becomes a hard link.
 * Somebody else may change the tree meanwhile: everything is opened from the directory above it, without following a link, and read
 * from what was opened. Of what belongs to the kernel (/proc) only the directory is there.
 */
export class TreeTar {
	readonly #links = new Map<string, string>();
	readonly #changeId: IdChange;

	constructor(changeId: IdChange) {
		this.#changeId = changeId;
	}

	/**
	 * @param fd of the file, which O_PATH opened @param name that its first member has, as latin-1
	 * @throws TsrunError TSRUN_CP
	 */
	*members(fd: number, name: string): Generator<Buffer> {
		yield* this.#member(fd, fstatat(fd, '', AT_EMPTY_PATH), { name, depth: 0, device: undefined });
	}

	*#member(fd: number, status: FileStatus, at: Position): Generator<Buffer> {
		const type = TYPES[status.mode & S_IFMT];
		if (type === undefined) return;
		const first = type === 'directory' ? undefined : this.#firstName(status, at.name);
		const member: TarMember = {
			type: first === undefined ? type : 'hardlink',
			name: type === 'directory' ? `${at.name}/` : at.name,
			target: first ?? (type === 'symlink' ? linkText(fd) : ''),
			size: first === undefined && type === 'file' ? status.size : 0,
			device: type === 'character' || type === 'block' ? status.rdev : [0, 0],
			metadata: this.#metadata(fd, status, type),
		};
		const device = status.dev.join(':');
		const isKernel = device !== at.device && (type === 'file' || type === 'directory') && isOfKernel(fd);
		if (type === 'file' && isKernel) throw fault(`${shown(at.name)} is a file of the kernel, and is not copied`);
		if (member.type === 'file') yield* content(fd, member);
		else yield tarHeader(member);
		if (type === 'directory' && !isKernel) yield* this.#below(fd, { ...at, device });
	}

	*#below(fd: number, { name, depth, device }: Position): Generator<Buffer> {
		if (depth >= MAX_DEPTH) throw fault(`${shown(name)} is nested deeper than ${MAX_DEPTH} directories`);
		const directory = openSync(`/proc/self/fd/${fd}`, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		try {
			for (const each of readdirSync(`/proc/self/fd/${directory}`, { encoding: 'latin1' }).sort()) {
				const child = openChild(directory, each);
				if (child === undefined) continue;
				try {
					const status = fstatat(child, '', AT_EMPTY_PATH);
					yield* this.#member(child, status, { name: `${name}/${each}`, depth: depth + 1, device });
				} finally {
					closeSync(child);
				}
			}
		} finally {
			closeSync(directory);
		}
	}

	#metadata(fd: number, status: FileStatus, type: TarMember['type']): Metadata {
		const { mode, uid, gid, mtimeSec, mtimeNsec } = status;
		return {
			mode: mode & 0o7777,
			uid: this.#changeId('uid', uid),
			gid: this.#changeId('gid', gid),
			mtimeSec,
			mtimeNsec,
			xattrs: type === 'file' ? capabilityOf(fd) : [],
		};
	}

	#firstName({ nlink, dev, ino }: FileStatus, name: string): string | undefined {
		if (nlink < 2) return undefined;
		const key = `${dev.join(':')}:${ino}`;
		const first = this.#links.get(key);
		if (first === undefined) this.#links.set(key, name);
		return first;
	}
}

interface Position {
	readonly name: string;
	readonly depth: number;
	/** Of the directory above. */
	readonly device: string | undefined;
}

/** Undefined where it has gone meanwhile. */
function openChild(directory: number, name: string): number | undefined {
	try {
		return openat2(directory, bytesOf(name), { flags: O_PATH | O_NOFOLLOW | O_CLOEXEC, resolve: SAFELY });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

/** The file may change: what the header promises is what follows. */
function* content(fd: number, member: TarMember): Generator<Buffer> {
	const file = openSync(`/proc/self/fd/${fd}`, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	try {
		yield tarHeader(member);
		for (let left = member.size; left > 0; ) {
			const chunk = Buffer.allocUnsafe(Math.min(CHUNK, left));
			const count = readSync(file, chunk, 0, chunk.length, null);
			if (count === 0) chunk.fill(0);
			left -= count === 0 ? chunk.length : count;
			yield count === 0 ? chunk : chunk.subarray(0, count);
		}
		yield tarPadding(member.size);
	} finally {
		closeSync(file);
	}
}

function linkText(fd: number): string {
	return Buffer.from(readlinkat(fd, ''), 'utf8').toString('latin1');
}

/** As docker has it: of the extended attributes, file capabilities alone go along. */
function capabilityOf(fd: number): Metadata['xattrs'] {
	try {
		return [[CAPABILITY, getxattr(`/proc/self/fd/${fd}`, CAPABILITY)]];
	} catch (error) {
		if (['ENODATA', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
		throw error;
	}
}

function fault(message: string): TsrunError {
	return new TsrunError('TSRUN_CP', message, { exitCode: 1 });
}

const shown = (name: string): string => JSON.stringify(Buffer.from(name, 'latin1').toString('utf8'));
