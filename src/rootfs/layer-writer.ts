import { closeSync } from 'node:fs';
import { badLayer, shown } from './bad-layer.ts';
import { type LayerEntry, type Metadata, splitName } from './layer-entry.ts';
import { LayerFs, type Place } from './layer-fs.ts';
import {
	type DirectoryNode,
	directoriesOf,
	FILE,
	makeRoot,
	newDirectory,
	pathOf,
	type TreeNode,
	WHITEOUT,
} from './layer-tree.ts';
import type { LowerView } from './lower-view.ts';
import { parseWhiteout } from './parse-whiteout.ts';
import { lookBelow, resolveDirectory, type Surroundings } from './resolve-in-layer.ts';
import { writeData } from './write-data.ts';

export interface WriterOptions {
	/** An empty directory. */
	readonly target: string;
	/** The layers below; absent while they are not there yet. */
	readonly lower: LowerView | undefined;
	/** `trusted.overlay.`, or `user.overlay.` for rootless mounts. */
	readonly overlayXattrs: string;
}

export interface WrittenLayer {
	/** Metadata of the image's root directory, where the layer lists it. */
	readonly root: Metadata | undefined;
	/** Whether the layer's root is opaque: then no layer below is part of the image. Overlayfs does not know such a mark. */
	readonly hidesBelow: boolean;
	/** Directories that hold a whiteout: each must exist in the layers below, or the whiteout would show in a listing. */
	readonly whiteoutDirectories: readonly string[];
	/** Whether the result depends on the layers below. */
	readonly usedLower: boolean;
}

/** Receives a file's data. */
export interface DataSink {
	readonly write: (chunk: Uint8Array) => void;
	readonly end: () => void;
}

/** Writes the entries of one layer into a directory, for overlayfs to show above the layers below. */
export class LayerWriter {
	readonly #fs: LayerFs;
	readonly #overlayXattrs: string;
	readonly #around: Surroundings;
	readonly #lateLinks: { readonly entry: LayerEntry; readonly parent: DirectoryNode; readonly name: string }[] = [];
	readonly #whiteouts = new Map<DirectoryNode, Set<string>>();
	#openFile: number | undefined;
	#usedLower = false;

	constructor({ target, lower, overlayXattrs }: WriterOptions) {
		this.#fs = new LayerFs(target);
		this.#overlayXattrs = overlayXattrs;
		this.#around = {
			root: makeRoot(),
			lower,
			onLowerUsed: () => {
				this.#usedLower = true;
			},
			onImplied: directory => this.#makeImplied(directory),
		};
	}

	/** Makes an entry; of a file with data the caller then writes the data. @throws TsrunError, NeedsLowerLayers, SystemError */
	add(entry: LayerEntry): DataSink | undefined {
		const name = entry.parts.at(-1);
		if (name === undefined) return this.#addRoot(entry);
		const whiteout = parseWhiteout(name);
		const above = entry.parts.slice(0, -1);
		if (above.some(part => part.startsWith('.wh.'))) {
			if (above.some(part => part.startsWith('.wh..wh.'))) return undefined;
			throw badLayer(`entry ${shown(entry.parts.join('/'))} is refused: it is inside of a whiteout`);
		}
		if (whiteout !== undefined) {
			const directory = resolveDirectory(above, this.#around, 'ifExists');
			if (directory === undefined) return undefined;
			if (whiteout.kind === 'opaque') directory.isOpaque = true;
			if (whiteout.kind === 'remove') this.#addWhiteout(directory, whiteout.name);
			return undefined;
		}
		const parent = resolveDirectory(above, this.#around);
		return parent === undefined ? undefined : this.#addAt(parent, name, entry);
	}

	/** Makes what had to wait for the last entry, and the metadata of directories. */
	finish(): WrittenLayer {
		for (const { entry, parent, name } of this.#lateLinks) {
			if (!this.#link(entry, parent, name)) {
				throw badLayer(
					`entry ${shown(entry.parts.join('/'))} is a hard link to ${shown(entry.target)}, which is not in the image`,
				);
			}
		}
		const whiteoutDirectories = this.#writeWhiteouts();
		for (const directory of directoriesOf(this.#around.root)) this.#describe(directory);
		const { root } = this.#around;
		return {
			root: root.isListed ? root.metadata : undefined,
			hidesBelow: root.isOpaque,
			whiteoutDirectories,
			usedLower: this.#usedLower,
		};
	}

	close(): void {
		if (this.#openFile !== undefined) closeSync(this.#openFile);
		this.#openFile = undefined;
		this.#fs.close();
	}

	#addRoot(entry: LayerEntry): undefined {
		if (entry.type !== 'directory') {
			throw badLayer(`entry "/" is refused: it would replace the root directory with a ${entry.type}`);
		}
		this.#around.root.metadata = entry.metadata;
		this.#around.root.isListed = true;
	}

	#addAt(parent: DirectoryNode, name: string, entry: LayerEntry): DataSink | undefined {
		const old = parent.children.get(name);
		if (entry.type === 'directory') return this.#addDirectory(parent, name, { entry, old });
		if (entry.type === 'hardlink') {
			if (!this.#link(entry, parent, name)) this.#lateLinks.push({ entry, parent, name });
			return undefined;
		}
		this.#remove(parent, name, old);
		const place: Place = { parent: parent.path, name };
		parent.children.set(name, entry.type === 'symlink' ? { kind: 'symlink', target: entry.target } : FILE);
		switch (entry.type) {
			case 'file':
				return this.#addFile(place, entry);
			case 'symlink':
				this.#fs.makeSymlink(place, entry.target, entry.metadata);
				return undefined;
			case 'character':
			case 'block':
			case 'fifo':
				this.#fs.makeNode(place, { type: entry.type, device: entry.device }, entry.metadata);
				return undefined;
		}
	}

	#addFile(place: Place, entry: LayerEntry): DataSink {
		const fd = this.#fs.createFile(place.parent, place.name);
		this.#openFile = fd;
		return writeData(this.#fs, { fd, sparse: entry.sparse }, size => {
			this.#openFile = undefined;
			this.#fs.finishFile(fd, { metadata: entry.metadata, size });
		});
	}

	#addDirectory(
		parent: DirectoryNode,
		name: string,
		{ entry, old }: { entry: LayerEntry; old: TreeNode | undefined },
	): undefined {
		let directory = old?.kind === 'directory' ? old : undefined;
		if (directory === undefined) {
			this.#remove(parent, name, old);
			directory = newDirectory(parent, name, entry.metadata);
			directory.isOpaque = old?.kind === 'whiteout';
			this.#fs.makeDirectory(parent.path, name);
			parent.children.set(name, directory);
		}
		directory.metadata = entry.metadata;
		directory.isListed = true;
	}

	/** A whiteout hides what is below and leaves what this layer itself has (image-spec 1.1, layer.md, "Whiteouts"). */
	#addWhiteout(directory: DirectoryNode, name: string): void {
		const child = directory.children.get(name);
		if (child?.kind === 'directory') child.isOpaque = true;
		if (child !== undefined) return;
		directory.children.set(name, WHITEOUT);
		const names = this.#whiteouts.get(directory) ?? new Set();
		this.#whiteouts.set(directory, names.add(name));
	}

	/** Whiteouts that hide nothing would show in listings; those that may hide something are made. */
	#writeWhiteouts(): readonly string[] {
		const directories: string[] = [];
		for (const [directory, names] of this.#whiteouts) {
			if (!this.#isAttached(directory)) continue;
			const hiding = [...names].filter(
				name => directory.children.get(name) === WHITEOUT && this.#mayHide(directory, name),
			);
			for (const name of hiding) this.#fs.makeWhiteout({ parent: directory.path, name });
			if (hiding.length > 0) directories.push(directory.path);
		}
		return directories;
	}

	#mayHide(directory: DirectoryNode, name: string): boolean {
		if (this.#around.lower !== undefined) {
			return lookBelow(directory, { name, child: undefined }, this.#around) !== undefined;
		}
		for (let node: DirectoryNode | undefined = directory; node !== undefined; node = node.parent) {
			if (node.isOpaque) return false;
		}
		return true;
	}

	#isAttached(directory: DirectoryNode): boolean {
		if (directory.parent === undefined) return true;
		return directory.parent.children.get(directory.name) === directory && this.#isAttached(directory.parent);
	}

	/** Links to a file of this layer, else of the layers below; false when neither has it (yet). */
	#link(entry: LayerEntry, parent: DirectoryNode, name: string): boolean {
		const target = splitName(entry.target);
		const last = target.at(-1);
		const directory = last === undefined ? undefined : resolveDirectory(target.slice(0, -1), this.#around, 'ifExists');
		if (last === undefined || directory === undefined) return false;
		const found = directory.children.get(last);
		if (found?.kind === 'directory') {
			throw badLayer(`entry ${shown(entry.parts.join('/'))} is a hard link to the directory ${shown(entry.target)}`);
		}
		if (found === parent.children.get(name) && directory === parent && last === name) return found !== undefined;
		const place: Place = { parent: parent.path, name };
		const old = parent.children.get(name);
		if (found !== undefined && found.kind !== 'whiteout') {
			this.#remove(parent, name, old);
			this.#fs.makeHardLink(place, { parent: directory.path, name: last });
			parent.children.set(name, found);
			return true;
		}
		const below = lookBelow(directory, { name: last, child: found }, this.#around);
		if (below === undefined || below.kind === 'directory') return false;
		this.#remove(parent, name, old);
		if (this.#around.lower?.linkInto(pathOf(directory, last), this.#fs, place) !== true) return false;
		parent.children.set(name, below.kind === 'symlink' ? { kind: 'symlink', target: below.target } : FILE);
		return true;
	}

	#makeImplied(directory: DirectoryNode): void {
		this.#fs.makeDirectory(directory.parent?.path ?? '', directory.name);
	}

	#remove(parent: DirectoryNode, name: string, old: TreeNode | undefined): void {
		const place: Place = { parent: parent.path, name };
		if (old?.kind === 'directory') this.#fs.removeDirectory(place);
		else if (old !== undefined && old.kind !== 'whiteout') this.#fs.removeFile(place);
	}

	#describe(directory: DirectoryNode): void {
		const place: Place = { parent: directory.parent?.path ?? '', name: directory.name };
		if (directory.isOpaque) this.#fs.setXattr(place, `${this.#overlayXattrs}opaque`, Buffer.from('y'));
		this.#fs.setMetadata(place, directory.metadata);
	}
}
