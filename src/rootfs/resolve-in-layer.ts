import { badLayer, shown } from './bad-layer.ts';
import { DEFAULT_DIRECTORY, type DirectoryNode, isCutOff, newDirectory, pathOf, type TreeNode } from './layer-tree.ts';
import { type LowerEntry, type LowerView, NeedsLowerLayers } from './lower-view.ts';

const MAX_LINKS = 40;

export interface Surroundings {
	readonly root: DirectoryNode;
	/** Absent while the layers below are not there yet: asking for them throws {@link NeedsLowerLayers}. */
	readonly lower: LowerView | undefined;
	/** Told when the result depends on the layers below. */
	readonly onLowerUsed: () => void;
	/** Told of a directory that an entry implies and that is to be made. */
	readonly onImplied: (directory: DirectoryNode) => void;
}

/**
 * The directory that an entry of this name goes into. A symbolic link on the way, of this layer or of one below, is resolved
 * inside of the root, as a container would; directories that no entry lists are implied, with the metadata of the layers
 * below. Never leaves the root: `..` of a link stops there.
 * @returns undefined with `ifExists` when neither this layer nor one below has the directory
 * @throws TsrunError TSRUN_BAD_LAYER
 */
export function resolveDirectory(
	parts: readonly string[],
	around: Surroundings,
	create: 'always' | 'ifExists' = 'always',
): DirectoryNode | undefined {
	const rest = [...parts];
	let here = around.root;
	let hops = 0;
	const follow = (target: string): void => {
		if (++hops > MAX_LINKS) throw badLayer(`entry ${shown(parts.join('/'))} goes through too many symbolic links`);
		if (target.startsWith('/')) here = around.root;
		rest.unshift(...target.split('/'));
	};
	for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
		if (name === '' || name === '.') continue;
		if (name === '..') {
			here = here.parent ?? around.root;
			continue;
		}
		const child = here.children.get(name);
		if (child?.kind === 'directory') here = child;
		else if (child?.kind === 'symlink') follow(child.target);
		else if (child?.kind === 'file') throw notADirectory(parts, here, name);
		else {
			const below = lookBelow(here, { name, child }, around);
			if (below?.kind === 'symlink') follow(below.target);
			else if (below?.kind === 'other') throw notADirectory(parts, here, name);
			else if (below === undefined && create === 'ifExists') return undefined;
			else here = imply(here, { name, child, metadata: below?.metadata ?? DEFAULT_DIRECTORY }, around);
		}
	}
	return here;
}

/** What the layers below show at a name that this layer does not have. */
export function lookBelow(
	directory: DirectoryNode,
	{ name, child }: { readonly name: string; readonly child: TreeNode | undefined },
	{ lower, onLowerUsed }: Pick<Surroundings, 'lower' | 'onLowerUsed'>,
): LowerEntry | undefined {
	if (child?.kind === 'whiteout' || isCutOff(directory)) return undefined;
	if (lower === undefined) throw new NeedsLowerLayers();
	onLowerUsed();
	return lower.lookup(pathOf(directory, name));
}

function imply(
	parent: DirectoryNode,
	{ name, child, metadata }: { name: string; child: TreeNode | undefined; metadata: DirectoryNode['metadata'] },
	{ onImplied }: Surroundings,
): DirectoryNode {
	const directory = newDirectory(parent, name, metadata);
	directory.isOpaque = child?.kind === 'whiteout';
	onImplied(directory);
	parent.children.set(name, directory);
	return directory;
}

function notADirectory(parts: readonly string[], directory: DirectoryNode, name: string): Error {
	return badLayer(`entry ${shown(parts.join('/'))}: ${shown(pathOf(directory, name))} is not a directory`);
}
