import type { Metadata } from './layer-entry.ts';

/** What a layer holds so far, in memory: paths are resolved here, so that no link has to be followed on disk. */
export type TreeNode = DirectoryNode | SymlinkNode | OtherNode;

export interface DirectoryNode {
	readonly kind: 'directory';
	readonly name: string;
	readonly parent: DirectoryNode | undefined;
	/** Path in the layer; empty for the root. */
	readonly path: string;
	readonly children: Map<string, TreeNode>;
	/** Set at the end of the extraction. */
	metadata: Metadata;
	/** False while the layer only implied the directory. */
	isListed: boolean;
	/** Hides the directory of the same name below. */
	isOpaque: boolean;
}

interface SymlinkNode {
	readonly kind: 'symlink';
	readonly target: string;
}

interface OtherNode {
	readonly kind: 'file' | 'whiteout';
}

export const FILE: OtherNode = { kind: 'file' };
export const WHITEOUT: OtherNode = { kind: 'whiteout' };

/** Of directories that nothing describes. */
export const DEFAULT_DIRECTORY: Metadata = { mode: 0o755, uid: 0, gid: 0, mtimeSec: 0, mtimeNsec: 0, xattrs: [] };

export function makeRoot(): DirectoryNode {
	return newDirectory(undefined, '', DEFAULT_DIRECTORY);
}

/** A directory that is implied until it is listed. */
export function newDirectory(parent: DirectoryNode | undefined, name: string, metadata: Metadata): DirectoryNode {
	const path = pathOf(parent, name);
	return { kind: 'directory', name, parent, path, children: new Map(), metadata, isListed: false, isOpaque: false };
}

export function pathOf(parent: DirectoryNode | undefined, name: string): string {
	return parent === undefined || parent.path === '' ? name : `${parent.path}/${name}`;
}

/** Whether nothing of the layers below shows in the directory. */
export function isCutOff(directory: DirectoryNode): boolean {
	for (let node: DirectoryNode | undefined = directory; node !== undefined; node = node.parent) {
		if (node.isOpaque) return true;
	}
	return false;
}

/** Every directory but the root, children before parents. */
export function* directoriesOf(directory: DirectoryNode): Generator<DirectoryNode> {
	for (const child of directory.children.values()) {
		if (child.kind !== 'directory') continue;
		yield* directoriesOf(child);
		yield child;
	}
}
