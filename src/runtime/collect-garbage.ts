import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/brands.ts';
import { flock } from '../native/syscalls.ts';
import { removeTreeAt } from '../rootfs/layer-fs.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { UsageCounter } from '../store/usage-counter.ts';
import { danglingLinks } from '../store/volume-record.ts';
import { CONTENT_LOCK, INDEX_LOCK, withLock } from '../store/with-lock.ts';
import { unusedMountDirectories } from './image-mounts.ts';
import { removeContainerTree } from './remove-tree.ts';
import { listBlobs, neededContent } from './store-content.ts';
import { readStoredContainers } from './stored-containers.ts';
import { readWorkspaces, withWorkspace } from './workspace.ts';

/** Something that nobody needs. */
export interface Garbage {
	/** Below the store. */
	readonly path: string;
	readonly kind: 'blob' | 'layer' | 'record' | 'resolved' | 'temporary' | 'container' | 'lock' | 'mount' | 'volume';
	readonly digest?: Digest;
}

export interface Collected {
	readonly garbage: readonly Garbage[];
	/** Bytes on disk that are free now. */
	readonly bytes: number;
}

/**
 * Removes what no image, container, mount or work that goes on needs: what killed commands left, and blobs and layers whose image
 * is gone.
 */
export async function collectGarbage(store: Store): Promise<Collected> {
	return withWorkspace(store, async ({ store: inside }) => {
		const found = await withoutOthers(store, () => {
			const garbage = findGarbage(store);
			const counter = new UsageCounter();
			const bytes = garbage.reduce((sum, { path }) => sum + counter.count(join(store.root, path)), 0);
			for (const [index, { path, kind }] of garbage.entries()) {
				// a tree goes out of sight at once; its removal takes time, in which nobody should wait
				if (kind === 'blob' || kind === 'lock') rmSync(join(store.root, path), { force: true });
				else moveAway(join(store.root, path), join(inside.tmp, String(index)));
			}
			return { garbage, bytes };
		});
		for (const [index, { kind }] of found.garbage.entries()) {
			if (kind === 'container') removeContainerTree(join(inside.tmp, String(index)));
			else removeTreeAt(inside.tmp, String(index));
		}
		return found;
	});
}

/** The teardown of a container takes no lock, and may be faster. */
function moveAway(from: string, to: string): void {
	try {
		renameSync(from, to);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
}

/** Work while nobody adds, removes, or says what to keep. */
export function withoutOthers<T>(store: Store, work: () => T): Promise<T> {
	return withLock(store, { name: CONTENT_LOCK, kind: 'exclusive' }, () =>
		withLock(store, { name: INDEX_LOCK, kind: 'exclusive' }, work),
	);
}

/** The caller is the only one: {@link withoutOthers}. */
export function findGarbage(store: Store): readonly Garbage[] {
	const { kept, abandoned } = readWorkspaces(store);
	const needed = neededContent(store);
	return [
		...abandoned.map(name => ({ path: `tmp/${name}`, kind: 'temporary' as const })),
		...readStoredContainers(store).orphans.map(name => ({ path: `containers/${name}`, kind: 'container' as const })),
		...danglingLinks(store).map(name => ({ path: `volumes/${name}`, kind: 'volume' as const })),
		...(needed.isComplete ? unneeded(store, needed.names, kept) : []),
		...unusedMountDirectories(store).map(name => ({ path: `mounts/${name}`, kind: 'mount' as const })),
		...freeLocks(store).map(name => ({ path: `locks/${name}`, kind: 'lock' as const })),
	];
}

function unneeded(store: Store, needed: ReadonlySet<string>, kept: ReadonlySet<string>): readonly Garbage[] {
	const names = new Set([...needed, ...kept]);
	const blobs = listBlobs(store)
		.filter(digest => !names.has(digest))
		.map(digest => ({ path: blobPath(store, digest).slice(store.root.length + 1), kind: 'blob' as const, digest }));
	const layers = readdirSync(store.layers)
		.filter(name => !names.has(name.replace(/\.json$/, '')) || (!kept.has(name) && isHalf(store, name)))
		.map(name => ({ path: `layers/${name}`, kind: name.endsWith('.json') ? ('record' as const) : ('layer' as const) }));
	const manifests = new Set([...names].map(name => name.slice(name.indexOf(':') + 1)));
	const resolved = readdirSync(store.resolved)
		.filter(name => !manifests.has(name.replace(/\.json$/, '')))
		.map(name => ({ path: `resolved/${name}`, kind: 'resolved' as const }));
	return [...blobs, ...layers, ...resolved];
}

/** A record without its layer, or a layer that was killed before its record was written. */
function isHalf(store: Store, name: string): boolean {
	const other = name.endsWith('.json') ? name.slice(0, -'.json'.length) : `${name}.json`;
	return !existsSync(join(store.layers, other));
}

/** Locks of layers, blobs and volumes that nobody holds; whoever waits for one notices that it has gone. */
function freeLocks(store: Store): readonly string[] {
	return readdirSync(store.locks).filter(name => {
		if (!/^(layer|blob|volume)-/.test(name)) return false;
		const fd = openSync(join(store.locks, name), 'r');
		try {
			return flock(fd, 'exclusive', true);
		} finally {
			closeSync(fd);
		}
	});
}
