import { closeSync, constants, copyFileSync } from 'node:fs';
import { O_NONBLOCK, O_RDONLY, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../native/flags.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerFs, type Place } from './layer-fs.ts';
import { LayerStack, type StackEntry } from './layer-stack.ts';

export interface CopyUp {
	/** Directories of layers, top first. */
	readonly layers: readonly string[];
	/** A path in the image. Its links are followed there, and lead nowhere else (CVE-2022-23648). */
	readonly source: string;
	/** A directory that is empty, and that nobody else can reach. */
	readonly target: string;
}

/**
 * Copies a directory of an image: files, directories, links, devices and fifos with owners, modes, times and attributes; names of one
 * file stay names of one file. The target gets the metadata of the directory itself.
 * @returns the metadata of the directory; undefined where the image has none there
 */
export function copyUp({ layers, source, target }: CopyUp): Metadata | undefined {
	const stack = new LayerStack(layers);
	try {
		const directory = stack.find(Buffer.from(source, 'utf8').toString('latin1'), 'follow');
		if (directory === undefined || typeOf(directory) !== S_IFDIR) return undefined;
		const fs = new LayerFs(target);
		try {
			new Copy(stack, fs).below(directory, '');
			return metadataOf(stack, directory);
		} finally {
			fs.close();
		}
	} finally {
		stack.close();
	}
}

class Copy {
	readonly #stack: LayerStack;
	readonly #fs: LayerFs;
	/** The first name of each file that has several. */
	readonly #links = new Map<string, Place>();

	constructor(stack: LayerStack, fs: LayerFs) {
		this.#stack = stack;
		this.#fs = fs;
	}

	below(directory: StackEntry, parent: string): void {
		for (const [name, entry] of this.#stack.list(directory)) this.#add(entry, { parent, name });
	}

	#add(entry: StackEntry, place: Place): void {
		const type = typeOf(entry);
		if (type !== S_IFDIR && this.#isLinked(entry, place)) return;
		const metadata = metadataOf(this.#stack, entry);
		const device = entry.status.rdev;
		switch (type) {
			case S_IFDIR:
				this.#fs.makeDirectory(place.parent, place.name);
				this.below(entry, place.parent === '' ? place.name : `${place.parent}/${place.name}`);
				this.#fs.setMetadata(place, metadata);
				break;
			case S_IFREG:
				this.#copyFile(entry, place, metadata);
				break;
			case S_IFLNK:
				this.#fs.makeSymlink(place, this.#stack.readLink(entry), metadata);
				break;
			case S_IFCHR:
				this.#fs.makeNode(place, { type: 'character', device }, metadata);
				break;
			case S_IFBLK:
				this.#fs.makeNode(place, { type: 'block', device }, metadata);
				break;
			case S_IFIFO:
				this.#fs.makeNode(place, { type: 'fifo', device: [0, 0] }, metadata);
				break;
		}
	}

	/** The kernel copies, and shares the blocks where the file system can. */
	#copyFile(entry: StackEntry, { parent, name }: Place, metadata: Metadata): void {
		const from = this.#stack.open(entry, O_RDONLY | O_NONBLOCK);
		try {
			const to = this.#fs.createFile(parent, name);
			try {
				copyFileSync(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE);
			} catch (error) {
				closeSync(to);
				throw error;
			}
			this.#fs.finishFile(to, { metadata, size: undefined });
		} finally {
			closeSync(from);
		}
	}

	#isLinked({ status }: StackEntry, place: Place): boolean {
		if (status.nlink < 2) return false;
		const key = `${status.dev.join(':')}:${status.ino}`;
		const first = this.#links.get(key);
		if (first === undefined) {
			this.#links.set(key, place);
			return false;
		}
		this.#fs.makeHardLink(place, first);
		return true;
	}
}

const typeOf = ({ status }: StackEntry): number => status.mode & S_IFMT;

function metadataOf(stack: LayerStack, entry: StackEntry): Metadata {
	const { mode, uid, gid, mtimeSec, mtimeNsec } = entry.status;
	return { mode: mode & 0o7777, uid, gid, mtimeSec, mtimeNsec, xattrs: stack.readXattrs(entry) };
}
