import { closeSync, readdirSync } from 'node:fs';
import {
	AT_EMPTY_PATH,
	AT_FDCWD,
	O_CLOEXEC,
	O_DIRECTORY,
	O_NOFOLLOW,
	O_PATH,
	RESOLVE_BENEATH,
	RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_SYMLINKS,
	S_IFCHR,
	S_IFDIR,
	S_IFLNK,
	S_IFMT,
} from '../native/flags.ts';
import { type FileStatus, fstatat, lgetxattr, llistxattr, openat2, readlinkat } from '../native/syscalls.ts';
import { bytesOf, pathBelow } from './layer-fs.ts';
import { type IdMaps, idInside, xattrInside } from './mapped-ids.ts';

/** A file in a stack of layers: which layer shows it, and its path there, without links. */
export interface StackEntry {
	readonly layer: number;
	readonly path: string;
	readonly status: FileStatus;
	/** Of a directory: the layers that contribute to it, top first. */
	readonly layers: readonly number[];
}

const MAX_LINKS = 40;
const OPAQUE = 'trusted.overlay.opaque';
const SAFELY = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

/**
 * Reads a stack of layer directories as overlayfs would show it, without a mount: whiteouts, opaque directories, symbolic
 * links inside of the root. Descriptors only; no link of a layer is followed by the kernel.
 */
export class LayerStack {
	readonly #layers: readonly string[];
	readonly #roots: (number | undefined)[];
	readonly #upperIds: IdMaps | undefined;

	/** @param layers directories, top first; @param upperIds of a container with a user namespace: whose ids its own directory, the first, has */
	constructor(layers: readonly string[], upperIds?: IdMaps) {
		this.#layers = layers;
		this.#roots = layers.map(() => undefined);
		this.#upperIds = upperIds;
	}

	/** What stands at a path, with links resolved in all parts, or in all but the last. Undefined where nothing is. */
	find(path: string, last: 'follow' | 'nofollow'): StackEntry | undefined {
		const rest = path.split('/');
		const above: StackEntry[] = [];
		let here = this.#rootEntry();
		for (let hops = 0; here !== undefined && rest.length > 0; ) {
			const name = rest.shift() ?? '';
			if (name === '' || name === '.') continue;
			if (name === '..') {
				here = above.pop() ?? this.#rootEntry();
				continue;
			}
			const child = this.#child(here, name);
			if (child === undefined) return undefined;
			const type = child.status.mode & S_IFMT;
			if (type === S_IFLNK && (rest.length > 0 || last === 'follow')) {
				if (++hops > MAX_LINKS) return undefined;
				const target = this.readLink(child);
				if (target.startsWith('/')) {
					above.length = 0;
					here = this.#rootEntry();
				}
				rest.unshift(...target.split('/'));
				continue;
			}
			if (type !== S_IFDIR && rest.some(part => part !== '' && part !== '.')) return undefined;
			above.push(here);
			here = child;
		}
		return here;
	}

	/** What a directory shows, by name. */
	list(directory: StackEntry): ReadonlyMap<string, StackEntry> {
		const names = new Set(directory.layers.flatMap(layer => this.#namesIn(layer, directory.path)));
		const children = [...names].sort().map(name => [name, this.#child(directory, name)] as const);
		return new Map(children.flatMap(([name, child]) => (child === undefined ? [] : [[name, child] as const])));
	}

	/** Opens a file that {@link find} returned. @param flags of open(2) */
	open({ layer, path }: StackEntry, flags: number): number {
		return openat2(this.root(layer), bytesOf(path || '.'), { flags: flags | O_NOFOLLOW | O_CLOEXEC, resolve: SAFELY });
	}

	/** The text of a symbolic link, its bytes as latin-1. */
	readLink(entry: StackEntry): string {
		const fd = this.open(entry, O_PATH);
		try {
			return Buffer.from(readlinkat(fd, ''), 'utf8').toString('latin1');
		} finally {
			closeSync(fd);
		}
	}

	/** The extended attributes of a file or directory, those of overlayfs left out. */
	readXattrs({ layer, path }: StackEntry): readonly (readonly [string, Uint8Array])[] {
		const file = pathBelow(this.root(layer), path || '.');
		return llistxattr(file)
			.filter(name => !/^(trusted|user)\.overlay\./.test(name))
			.map(name => [name, this.#xattrOf(layer, name, lgetxattr(file, name) ?? new Uint8Array())] as const);
	}

	/** A descriptor (O_PATH) of a layer's directory. */
	root(layer: number): number {
		const open = this.#roots[layer];
		if (open !== undefined) return open;
		const fd = openat2(AT_FDCWD, this.#layers[layer] ?? '', { flags: O_PATH | O_DIRECTORY | O_CLOEXEC });
		this.#roots[layer] = fd;
		return fd;
	}

	close(): void {
		for (const [layer, fd] of this.#roots.entries()) {
			if (fd !== undefined) closeSync(fd);
			this.#roots[layer] = undefined;
		}
	}

	#namesIn(layer: number, path: string): readonly string[] {
		const how = { flags: O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, resolve: SAFELY };
		const fd = openat2(this.root(layer), bytesOf(path || '.'), how);
		try {
			return readdirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' });
		} finally {
			closeSync(fd);
		}
	}

	#rootEntry(): StackEntry | undefined {
		if (this.#layers.length === 0) return undefined;
		return { layer: 0, path: '', status: this.#statusOf(0, this.root(0)), layers: [...this.#layers.keys()] };
	}

	/** The merged view of one name: the first layer that has it, and for a directory those below until something hides them. */
	#child(parent: StackEntry, name: string): StackEntry | undefined {
		const path = parent.path === '' ? name : `${parent.path}/${name}`;
		const layers: number[] = [];
		let top: FileStatus | undefined;
		for (const layer of parent.layers) {
			const status = this.#status(layer, path);
			if (status === undefined) continue;
			const isDirectory = (status.mode & S_IFMT) === S_IFDIR;
			if (!isDirectory && top !== undefined) break;
			if (isWhiteout(status)) return undefined;
			top ??= status;
			layers.push(layer);
			if (!isDirectory || this.#isOpaque(layer, path)) break;
		}
		return top === undefined ? undefined : { layer: layers[0] ?? 0, path, status: top, layers };
	}

	#status(layer: number, path: string): FileStatus | undefined {
		let fd: number;
		try {
			fd = openat2(this.root(layer), bytesOf(path), { flags: O_PATH | O_NOFOLLOW | O_CLOEXEC, resolve: SAFELY });
		} catch (error) {
			if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
			throw error;
		}
		try {
			return this.#statusOf(layer, fd);
		} finally {
			closeSync(fd);
		}
	}

	#statusOf(layer: number, fd: number): FileStatus {
		const status = fstatat(fd, '', AT_EMPTY_PATH);
		if (layer > 0 || this.#upperIds === undefined) return status;
		const { uids, gids } = this.#upperIds;
		return { ...status, uid: idInside(uids, status.uid), gid: idInside(gids, status.gid) };
	}

	#xattrOf(layer: number, name: string, value: Uint8Array): Uint8Array {
		return layer > 0 || this.#upperIds === undefined ? value : xattrInside(this.#upperIds, name, value);
	}

	#isOpaque(layer: number, path: string): boolean {
		return lgetxattr(pathBelow(this.root(layer), path), OPAQUE)?.toString('latin1') === 'y';
	}
}

const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

export function isWhiteout({ mode, rdev }: FileStatus): boolean {
	return (mode & S_IFMT) === S_IFCHR && rdev[0] === 0 && rdev[1] === 0;
}
