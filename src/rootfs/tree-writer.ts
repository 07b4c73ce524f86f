import { chmodSync, closeSync, fchmodSync, fchownSync, fstatSync, openSync, writeSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import {
	AT_EMPTY_PATH,
	O_CLOEXEC,
	O_CREAT,
	O_DIRECTORY,
	O_EXCL,
	O_NOFOLLOW,
	O_PATH,
	O_TRUNC,
	O_WRONLY,
	RESOLVE_BENEATH,
	RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_SYMLINKS,
	RESOLVE_NO_XDEV,
	S_IFBLK,
	S_IFCHR,
	S_IFDIR,
	S_IFIFO,
	S_IFMT,
	S_IFREG,
} from '../native/flags.ts';
import {
	fchownat,
	fsetxattr,
	fstatat,
	futimens,
	linkat,
	mkdirat,
	mknodat,
	openat2,
	symlinkat,
	unlinkat,
	utimensat,
} from '../native/syscalls.ts';
import { isOfKernel } from './kernel-files.ts';
import { type LayerEntry, type Metadata, splitName } from './layer-entry.ts';
import { bytesOf } from './layer-fs.ts';
import type { DataSink } from './layer-writer.ts';
import type { IdChange } from './tree-tar.ts';

const SAFELY = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const A_DIRECTORY = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
const NODES: Readonly<Record<string, number>> = { character: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO };

/**
 * Writes the members of an archive below a directory that others may change meanwhile, as docker cp does: a file takes the place of a
 * file or link, a directory only of a directory. No link is followed on the way, and what is made gets its owner and mode by
 * its descriptor (CVE-2018-15664, CVE-2021-41089). Nothing is written where the files are the kernel's own.
 */
export class TreeWriter {
	readonly #root: number;
	readonly #changeId: IdChange;
	/** Whoever looks for directories of the archive finds these, by path. */
	readonly #directories = new Map<string, Metadata>();
	#parent: { readonly path: string; readonly fd: number } | undefined;
	#file: number | undefined;

	/** @param root descriptor of the directory; the caller closes it */
	constructor(root: number, changeId: IdChange) {
		if (isOfKernel(root)) throw fault('', 'belongs to the kernel, and nothing is copied there');
		this.#root = root;
		this.#changeId = changeId;
	}

	/** Makes an entry; of a file with data the caller then writes the data. @throws TsrunError TSRUN_CP, SystemError */
	add(entry: LayerEntry): DataSink | undefined {
		const name = entry.parts.at(-1);
		const path = entry.parts.join('/');
		if (name === undefined) {
			if (entry.type === 'directory') return undefined;
			throw fault(path, 'is the directory itself');
		}
		const parent = this.#open(entry.parts.slice(0, -1));
		if (entry.type === 'directory') {
			this.#addDirectory(parent, name, path);
			this.#directories.set(path, entry.metadata);
			return undefined;
		}
		if (entry.type === 'file') return this.#addFile(parent, name, entry);
		this.#makeRoom(parent, name, path);
		if (entry.type === 'hardlink') this.#link(parent, name, entry);
		else if (entry.type === 'symlink') {
			symlinkat(bytesOf(entry.target), parent, bytesOf(name));
			fchownat(parent, bytesOf(name), ...this.#owner(entry.metadata));
			utimensat(parent, bytesOf(name), entry.metadata.mtimeSec, entry.metadata.mtimeNsec);
		} else this.#addNode(parent, name, entry);
		return undefined;
	}

	/** Directories get their owners, modes and times last: until then files were made in them. */
	finish(): void {
		for (const [path, metadata] of [...this.#directories].reverse()) {
			const fd = openat2(this.#root, bytesOf(path), {
				flags: O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
				resolve: SAFELY,
			});
			try {
				this.#describe(fd, metadata);
			} finally {
				closeSync(fd);
			}
		}
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
		if (this.#parent !== undefined) closeSync(this.#parent.fd);
		this.#file = undefined;
		this.#parent = undefined;
	}

	/** The directory at a path; what is missing is made. */
	#open(parts: readonly string[]): number {
		const path = parts.join('/');
		if (path === '') return this.#root;
		if (this.#parent?.path === path) return this.#parent.fd;
		const fd = this.#tryOpen(path) ?? this.#make(parts);
		if (fstatSync(fd).dev !== fstatSync(this.#root).dev && isOfKernel(fd)) {
			closeSync(fd);
			throw fault(path, 'belongs to the kernel, and nothing is copied there');
		}
		if (this.#parent !== undefined) closeSync(this.#parent.fd);
		this.#parent = { path, fd };
		return fd;
	}

	#tryOpen(path: string): number | undefined {
		try {
			return openat2(this.#root, bytesOf(path), { flags: A_DIRECTORY, resolve: SAFELY });
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (code === 'ENOENT') return undefined;
			if (code === 'ENOTDIR' || code === 'ELOOP') throw fault(path, 'is not a directory');
			throw error;
		}
	}

	#make(parts: readonly string[]): number {
		for (let count = 1; count <= parts.length; count++) {
			const path = parts.slice(0, count);
			const above = this.#tryOpen(path.slice(0, -1).join('/') || '.') ?? -1;
			try {
				mkdirat(above, bytesOf(path.at(-1) ?? ''), 0o755);
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			} finally {
				if (above >= 0) closeSync(above);
			}
		}
		return openat2(this.#root, bytesOf(parts.join('/')), { flags: A_DIRECTORY, resolve: SAFELY });
	}

	#addDirectory(parent: number, name: string, path: string): void {
		const type = typeAt(parent, name);
		if (type === S_IFDIR) return;
		if (type !== undefined) throw fault(path, 'is not a directory, and a directory does not take its place');
		mkdirat(parent, bytesOf(name), 0o700);
	}

	#addFile(parent: number, name: string, { metadata, parts, sparse }: LayerEntry): DataSink {
		if (sparse !== undefined) throw fault(parts.join('/'), 'is stored as a sparse file, which is not taken here');
		const fd = openMounted(parent, name) ?? this.#createFile(parent, name, parts.join('/'));
		this.#file = fd;
		return {
			write: chunk => {
				for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
			},
			end: () => {
				this.#describe(fd, metadata);
				closeSync(fd);
				this.#file = undefined;
			},
		};
	}

	#createFile(parent: number, name: string, path: string): number {
		this.#makeRoom(parent, name, path);
		const flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
		return openat2(parent, bytesOf(name), { flags, mode: 0o600, resolve: SAFELY });
	}

	#makeRoom(parent: number, name: string, path: string): void {
		const type = typeAt(parent, name);
		if (type === undefined) return;
		if (type === S_IFDIR) throw fault(path, 'is a directory, and a file does not take its place');
		unlinkat(parent, bytesOf(name));
	}

	#link(parent: number, name: string, { target }: LayerEntry): void {
		const parts = splitName(target);
		const directory = this.#tryOpen(parts.slice(0, -1).join('/') || '.');
		if (directory === undefined) throw fault(target, 'is not in the archive, and is the target of a hard link');
		try {
			linkat(directory, bytesOf(parts.at(-1) ?? ''), parent, bytesOf(name));
		} finally {
			closeSync(directory);
		}
	}

	#addNode(parent: number, name: string, { type, device, metadata }: LayerEntry): void {
		mknodat(parent, bytesOf(name), NODES[type] ?? S_IFREG, device);
		const fd = openat2(parent, bytesOf(name), { flags: O_PATH | O_NOFOLLOW | O_CLOEXEC, resolve: SAFELY });
		try {
			if ((fstatat(fd, '', AT_EMPTY_PATH).mode & S_IFMT) !== NODES[type]) return;
			fchownat(fd, '', ...this.#owner(metadata), AT_EMPTY_PATH);
			chmodSync(`/proc/self/fd/${fd}`, metadata.mode);
		} finally {
			closeSync(fd);
		}
	}

	/** The owner comes first: a change of owner clears setuid and capabilities. */
	#describe(fd: number, metadata: Metadata): void {
		fchownSync(fd, ...this.#owner(metadata));
		fchmodSync(fd, metadata.mode);
		for (const [name, value] of metadata.xattrs) {
			try {
				fsetxattr(fd, name, value);
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EOPNOTSUPP') throw error;
			}
		}
		futimens(fd, metadata.mtimeSec, metadata.mtimeNsec);
	}

	#owner({ uid, gid }: Metadata): [uid: number, gid: number] {
		return [this.#changeId('uid', uid), this.#changeId('gid', gid)];
	}
}

function typeAt(parent: number, name: string): number | undefined {
	try {
		return fstatat(parent, bytesOf(name)).mode & S_IFMT;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

/**
 * A file that is mounted there, to be written in place: from outside of the mount namespace, unlink(2) would take the mount away.
 * Undefined where no file is mounted.
 */
function openMounted(parent: number, name: string): number | undefined {
	const flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	try {
		closeSync(openat2(parent, bytesOf(name), { flags, resolve: SAFELY | RESOLVE_NO_XDEV }));
		return undefined;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EXDEV') return undefined;
	}
	const fd = openat2(parent, bytesOf(name), { flags, resolve: SAFELY });
	try {
		const type = fstatat(fd, '', AT_EMPTY_PATH).mode & S_IFMT;
		if (type !== S_IFREG) throw fault(name, 'is mounted there, and no file');
		if (isOfKernel(fd)) throw fault(name, 'belongs to the kernel, and nothing is copied there');
		return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_TRUNC | O_CLOEXEC);
	} finally {
		closeSync(fd);
	}
}

function fault(path: string, words: string): TsrunError {
	const name = path === '' ? 'the destination' : JSON.stringify(Buffer.from(path, 'latin1').toString('utf8'));
	return new TsrunError('TSRUN_CP', `${name} ${words}`, { exitCode: 1 });
}
