import { S_IFDIR, S_IFLNK, S_IFMT } from '../native/flags.ts';
import { LayerStack, type StackEntry } from './layer-stack.ts';
import type { IdMaps } from './mapped-ids.ts';

/** What a container has added, changed, or deleted: A, C, D, as docker names them. Paths without a leading slash, as latin-1. */
export type StackChange =
	| { readonly kind: 'A' | 'C'; readonly path: string; readonly entry: StackEntry }
	| { readonly kind: 'D'; readonly path: string };

/**
 * The difference that a directory makes on top of layers. A directory is changed also when something in it is; of a deleted one
 * nothing below is named.
 * @param layers top first, the upper directory at their head
 * @param upperIds as LayerStack takes them
 */
export function stackChanges(layers: readonly string[], upperIds?: IdMaps): readonly StackChange[] {
	const [all, below] = [new LayerStack(layers, upperIds), new LayerStack(layers.slice(1))];
	try {
		return changesIn({ all, below }, all.find('', 'follow'), below.find('', 'follow'));
	} finally {
		all.close();
		below.close();
	}
}

interface Stacks {
	readonly all: LayerStack;
	readonly below: LayerStack;
}

function changesIn(
	stacks: Stacks,
	now: StackEntry | undefined,
	before: StackEntry | undefined,
): readonly StackChange[] {
	const children = now === undefined ? new Map<string, StackEntry>() : stacks.all.list(now);
	const old = before === undefined ? new Map<string, StackEntry>() : stacks.below.list(before);
	return [...new Set([...children.keys(), ...old.keys()])].sort().flatMap(name => {
		const [child, oldChild] = [children.get(name), old.get(name)];
		if (child === undefined) return oldChild === undefined ? [] : [{ kind: 'D' as const, path: oldChild.path }];
		// nothing of the upper directory is there or below
		if (!child.layers.includes(0)) return [];
		return changesAt(stacks, child, oldChild);
	});
}

function changesAt(stacks: Stacks, child: StackEntry, oldChild: StackEntry | undefined): readonly StackChange[] {
	const { path } = child;
	if (oldChild === undefined) {
		const inside = isDirectory(child) ? changesIn(stacks, child, undefined) : [];
		return [{ kind: 'A', path, entry: child }, ...inside];
	}
	const inside = isDirectory(child) ? changesIn(stacks, child, isDirectory(oldChild) ? oldChild : undefined) : [];
	const isChanged = inside.length > 0 || isOther(stacks, child, oldChild);
	return isChanged ? [{ kind: 'C', path, entry: child }, ...inside] : [];
}

/** What was only copied up, and not changed, has the time and the size that it had. */
function isOther({ all, below }: Stacks, a: StackEntry, b: StackEntry): boolean {
	const [now, before] = [a.status, b.status];
	if (now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid) return true;
	if (now.rdev.join() !== before.rdev.join()) return true;
	const attributes = JSON.stringify(xattrsOf(all, a)) !== JSON.stringify(xattrsOf(below, b));
	if (attributes || isDirectory(a)) return attributes;
	if ((now.mode & S_IFMT) === S_IFLNK && all.readLink(a) !== below.readLink(b)) return true;
	return now.size !== before.size || now.mtimeSec !== before.mtimeSec || now.mtimeNsec !== before.mtimeNsec;
}

function xattrsOf(stack: LayerStack, entry: StackEntry): readonly (readonly [string, string])[] {
	return stack.readXattrs(entry).map(([name, value]) => [name, Buffer.from(value).toString('hex')] as const);
}

function isDirectory({ status }: StackEntry): boolean {
	return (status.mode & S_IFMT) === S_IFDIR;
}
