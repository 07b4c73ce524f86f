import { describe, expect, it } from 'vitest';
import {
	type DirectoryNode,
	FILE,
	makeRoot,
	newDirectory,
	type TreeNode,
	WHITEOUT,
} from '../../../src/rootfs/layer-tree.ts';
import { type LowerEntry, NeedsLowerLayers } from '../../../src/rootfs/lower-view.ts';
import { resolveDirectory } from '../../../src/rootfs/resolve-in-layer.ts';

type Tree = { readonly [name: string]: Tree | string };

/** A directory for an object, a symlink for `→target`, a file or whiteout for a word. */
function fill(directory: DirectoryNode, tree: Tree): void {
	for (const [name, value] of Object.entries(tree)) {
		let node: TreeNode;
		if (typeof value === 'object') {
			node = newDirectory(directory, name, directory.metadata);
			node.isListed = true;
			fill(node, value);
		} else if (value.startsWith('→')) node = { kind: 'symlink', target: value.slice(1) };
		else node = value === 'whiteout' ? WHITEOUT : FILE;
		directory.children.set(name, node);
	}
}

const METADATA = { mode: 0o700, uid: 1, gid: 1, mtimeSec: 1, mtimeNsec: 1, xattrs: [] };
const LOWER: Readonly<Record<string, LowerEntry>> = {
	below: { kind: 'directory', metadata: METADATA },
	'below/sub': { kind: 'directory', metadata: METADATA },
	lib: { kind: 'symlink', target: 'below/sub' },
	up: { kind: 'symlink', target: '../../../../below' },
	file: { kind: 'other' },
};

function resolve(
	tree: Tree,
	path: string,
	{ lower = LOWER as typeof LOWER | null, create = 'always' as 'always' | 'ifExists' } = {},
) {
	const root = makeRoot();
	fill(root, tree);
	const implied: string[] = [];
	const found = resolveDirectory(
		path.split('/'),
		{
			root,
			lower: lower === null ? undefined : { lookup: at => lower[at], linkInto: () => false, close: () => {} },
			onLowerUsed: () => {},
			onImplied: directory =>
				implied.push(`${directory.path}:${directory.metadata.mode.toString(8)}${directory.isOpaque ? ':opaque' : ''}`),
		},
		create,
	);
	return { path: found?.path, implied };
}

describe('the directory of an entry', () => {
	it.each<readonly [string, Tree, string, string, readonly string[]]>([
		['is listed', { a: { b: {} } }, 'a/b', 'a/b', []],
		['is implied, with what the layers below say', {}, 'below/sub', 'below/sub', ['below:700', 'below/sub:700']],
		['is implied and new', {}, 'new/sub', 'new/sub', ['new:755', 'new/sub:755']],
		['is behind a symlink', { a: { real: {} }, s: '→a/real' }, 's', 'a/real', []],
		['is behind an absolute symlink', { a: { s: '→/b' }, b: {} }, 'a/s', 'b', []],
		[
			'is behind a symlink of the layers below',
			{},
			'lib/x',
			'below/sub/x',
			['below:700', 'below/sub:700', 'below/sub/x:755'],
		],
		['is behind a symlink that climbs out, which stops at the root', {}, 'up', 'below', ['below:700']],
		['is behind a dangling symlink, which is made', { s: '→new/deep' }, 's', 'new/deep', ['new:755', 'new/deep:755']],
		['climbs by a symlink inside of the root', { a: { b: { up: '→../..' } }, c: {} }, 'a/b/up/c', 'c', []],
		[
			'was removed in this layer and is new',
			{ below: 'whiteout' },
			'below/sub',
			'below/sub',
			['below:755:opaque', 'below/sub:755'],
		],
	])('%s', (_, tree, path, expected, implied) => {
		expect(resolve(tree, path)).toEqual({ path: expected, implied });
	});

	it.each<readonly [string, Tree, string]>([
		['a file', { f: 'file' }, 'f/x'],
		['a file of the layers below', {}, 'file/x'],
		['a circle of symlinks', { a: '→b', b: '→a' }, 'a/x'],
		['a symlink to itself', { a: '→a/a' }, 'a'],
	])('is not below %s', (_, tree, path) => {
		expect(() => resolve(tree, path)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_LAYER' }));
	});

	it('is not made for a whiteout', () => {
		expect(resolve({}, 'nowhere/deep', { create: 'ifExists' })).toEqual({ path: undefined, implied: [] });
		expect(resolve({}, 'below', { create: 'ifExists' }).path).toBe('below');
	});

	it('waits for the layers below only when it needs them', () => {
		expect(() => resolve({}, 'a', { lower: null })).toThrow(NeedsLowerLayers);
		expect(resolve({ a: {} }, 'a', { lower: null }).path).toBe('a');
		expect(resolve({ a: 'whiteout' }, 'a', { lower: null }).path).toBe('a');
	});
});
