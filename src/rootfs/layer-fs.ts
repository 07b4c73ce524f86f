import { closeSync, fchmodSync, fchownSync, ftruncateSync, readdirSync, writeSync } from 'node:fs';
import type { Path } from '../native/addon.ts';
import {
	AT_FDCWD,
	AT_REMOVEDIR,
	O_CLOEXEC,
	O_CREAT,
	O_DIRECTORY,
	O_EXCL,
	O_NOFOLLOW,
	O_PATH,
	O_WRONLY,
	RESOLVE_BENEATH,
	RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_SYMLINKS,
	S_IFBLK,
	S_IFCHR,
	S_IFIFO,
} from '../native/flags.ts';
import {
	fchmodat,
	fchownat,
	fsetxattr,
	fstatat,
	futimens,
	linkat,
	lsetxattr,
	mkdirat,
	mknodat,
	openat2,
	symlinkat,
	unlinkat,
	utimensat,
} from '../native/syscalls.ts';
import type { Metadata } from './layer-entry.ts';

/** No symbolic link of a layer is ever followed by the kernel: links are resolved in the layer's own tree. */
const SAFELY = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const A_DIRECTORY = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
const A_NEW_FILE = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
const MAX_OPEN_DIRECTORIES = 64;

/**
 * The one seam between the extraction of a layer and the file system. Everything happens by descriptor below one directory;
 * paths are relative to it, without symbolic links, and hold the bytes of names as latin-1.
 */
export class LayerFs {
	readonly #root: number;
	readonly #directories = new Map<string, number>();

	constructor(path: string) {
		this.#root = openat2(AT_FDCWD, path, { flags: A_DIRECTORY });
	}

	makeDirectory(parent: string, name: string): void {
		mkdirat(this.directory(parent), bytesOf(name), 0o700);
	}

	/** @returns a descriptor for writing; {@link finishFile} closes it */
	createFile(parent: string, name: string): number {
		return openat2(this.directory(parent), bytesOf(name), { flags: A_NEW_FILE, mode: 0o600, resolve: SAFELY });
	}

	write(fd: number, chunk: Uint8Array, position: number): void {
		for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done, chunk.length - done, position + done);
	}

	/** The owner comes before the mode and before security.capability: a change of owner clears setuid and capabilities. */
	finishFile(fd: number, { metadata, size }: { metadata: Metadata; size: number | undefined }): void {
		const { mode, uid, gid, mtimeSec, mtimeNsec, xattrs } = metadata;
		try {
			if (size !== undefined) ftruncateSync(fd, size);
			fchownSync(fd, uid, gid);
			fchmodSync(fd, mode);
			for (const [name, value] of xattrs) tolerating(() => fsetxattr(fd, name, value), ['EOPNOTSUPP']);
			futimens(fd, mtimeSec, mtimeNsec);
		} finally {
			closeSync(fd);
		}
	}

	makeSymlink({ parent, name }: Place, target: string, metadata: Metadata): void {
		const directory = this.directory(parent);
		symlinkat(bytesOf(target), directory, bytesOf(name));
		fchownat(directory, bytesOf(name), metadata.uid, metadata.gid);
		this.#setXattrs(directory, name, metadata.xattrs);
		utimensat(directory, bytesOf(name), metadata.mtimeSec, metadata.mtimeNsec);
	}

	makeNode(
		{ parent, name }: Place,
		node: { type: NodeType; device: readonly [number, number] },
		metadata: Metadata,
	): void {
		mknodat(this.directory(parent), bytesOf(name), NODE_MODES[node.type], node.device);
		this.setMetadata({ parent, name }, metadata);
	}

	/** A whiteout as overlayfs knows it: a character device 0:0. */
	makeWhiteout({ parent, name }: Place): void {
		mknodat(this.directory(parent), bytesOf(name), S_IFCHR, [0, 0]);
	}

	/** Links a file of this layer, or of the directory `from`, which is a layer below. A symbolic link is linked itself. */
	makeHardLink({ parent, name }: Place, target: Place, from: LayerFs = this): void {
		linkat(from.directory(target.parent), bytesOf(target.name), this.directory(parent), bytesOf(name));
	}

	/** Of a directory or a device; never of a symbolic link. */
	setMetadata({ parent, name }: Place, { mode, uid, gid, mtimeSec, mtimeNsec, xattrs }: Metadata): void {
		const directory = this.directory(parent);
		const path = bytesOf(name);
		fchownat(directory, path, uid, gid);
		fchmodat(directory, path, mode);
		this.#setXattrs(directory, name, xattrs);
		utimensat(directory, path, mtimeSec, mtimeNsec);
	}

	setXattr({ parent, name }: Place, attribute: string, value: Uint8Array): void {
		lsetxattr(pathBelow(this.directory(parent), name), attribute, value);
	}

	removeFile({ parent, name }: Place): void {
		unlinkat(this.directory(parent), bytesOf(name));
	}

	removeDirectory({ parent, name }: Place): void {
		this.#forgetDirectories();
		removeTree(this.directory(parent), name);
	}

	/** A descriptor (O_PATH) of a directory that exists; it belongs to this object. */
	directory(path: string): number {
		if (path === '') return this.#root;
		const open = this.#directories.get(path);
		if (open !== undefined) return open;
		if (this.#directories.size >= MAX_OPEN_DIRECTORIES) this.#forgetDirectories();
		const fd = openat2(this.#root, bytesOf(path), { flags: A_DIRECTORY, resolve: SAFELY });
		this.#directories.set(path, fd);
		return fd;
	}

	close(): void {
		this.#forgetDirectories();
		closeSync(this.#root);
	}

	#setXattrs(directory: number, name: string, xattrs: Metadata['xattrs']): void {
		for (const [attribute, value] of xattrs) {
			// the kernel refuses user.* on links and devices: an archiver that recorded one lied
			tolerating(() => lsetxattr(pathBelow(directory, name), attribute, value), ['EOPNOTSUPP', 'EPERM']);
		}
	}

	#forgetDirectories(): void {
		for (const fd of this.#directories.values()) closeSync(fd);
		this.#directories.clear();
	}
}

export interface Place {
	/** Path of the directory; empty for the root. */
	readonly parent: string;
	readonly name: string;
}

type NodeType = 'character' | 'block' | 'fifo';

const NODE_MODES: Readonly<Record<NodeType, number>> = { character: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO };

/** Removes a name below a directory, whatever is there, without following a link. Absence is success. */
export function removeTree(directory: number, name: string): void {
	const path = bytesOf(name);
	if (tolerating(() => unlinkat(directory, path), ['EISDIR', 'ENOENT', 'EPERM'])) return;
	if (!tolerating(() => fstatat(directory, path), ['ENOENT'])) return;
	const fd = openat2(directory, path, { flags: A_DIRECTORY, resolve: SAFELY });
	try {
		for (const child of readdirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' })) removeTree(fd, child);
	} finally {
		closeSync(fd);
	}
	unlinkat(directory, path, AT_REMOVEDIR);
}

/** As {@link removeTree}, for a directory of the store. */
export function removeTreeAt(parentPath: string, name: string): void {
	const fd = openat2(AT_FDCWD, parentPath, { flags: A_DIRECTORY });
	try {
		removeTree(fd, name);
	} finally {
		closeSync(fd);
	}
}

/** The bytes of a name that is held as latin-1. */
export function bytesOf(name: string): Path {
	for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return Buffer.from(name, 'latin1');
	return name;
}

/** A path through a descriptor, for calls that have no `…at` form. Its last part is not followed by the `l…` calls. */
export function pathBelow(directory: number, name: string): Path {
	return bytesOf(`/proc/self/fd/${directory}/${name}`);
}

function tolerating(call: () => void, codes: readonly string[]): boolean {
	try {
		call();
		return true;
	} catch (error) {
		if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
		throw error;
	}
}
