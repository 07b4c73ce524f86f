import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { parseReference } from '../image/parse-reference.ts';
import { readIndexFile } from '../store/index-file.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { decideRemoval, type RemoveOptions, removeEntries } from '../store/remove-entries.ts';
import { nameOf, type StoredName } from '../store/stored-images.ts';
import { isReferrersList } from '../store/stored-referrers.ts';
import { UsageCounter } from '../store/usage-counter.ts';
import { CONTENT_LOCK, withLock } from '../store/with-lock.ts';
import { pathOf } from './resolved-image.ts';
import { contentOf, imageUses, isBlob, neededContent } from './store-content.ts';
import { readWorkspaces, withWorkspace } from './workspace.ts';

export interface RemovedImage {
	readonly untagged: readonly string[];
	/** Blobs that went. */
	readonly deleted: readonly Digest[];
	/** Bytes on disk that are free now. */
	readonly bytes: number;
}

/**
 * Removes a name of an image; with the last one, its blobs and layers that nothing else needs.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_IMAGE_IN_USE
 */
export async function removeImage(
	store: Store,
	text: string,
	{ force, allNames = false }: Pick<RemoveOptions, 'force' | 'allNames'>,
): Promise<RemovedImage> {
	const reference = parseReference(text);
	if (reference.kind === 'local') {
		throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name in the store`);
	}
	return withWorkspace(store, ({ store: inside }) =>
		withLock(store, { name: CONTENT_LOCK, kind: 'exclusive' }, async () => {
			const removal = decideRemoval(store, reference as StoredName, { uses: imageUses(store), force, allNames });
			const content = removal.going.flatMap(entry => contentOrNothing(store, entry));
			const lists = readIndexFile(store).manifests.filter(isReferrersList);
			await removeEntries(store, removal);
			const left = new Set(readIndexFile(store).manifests.map(({ digest }) => digest));
			const orphans = lists.filter(({ digest }) => !left.has(digest));
			content.push(...orphans.flatMap(list => contentOrNothing(store, list)));
			const untagged = removal.going.map(nameOf).filter(name => name !== undefined);
			if (!removal.isLast || removal.staysNameless) return { untagged, deleted: [], bytes: 0 };
			// a run that is under way, and whose container could not be seen, looks for it under the same lock
			for (const { digest } of removal.going) rmSync(pathOf(inside, digest), { force: true });
			return { untagged, ...removeContent(inside, content) };
		}),
	);
}

/** Of a damaged image nobody knows what it has; prune finds it when all others can be read. */
function contentOrNothing(store: Store, entry: Parameters<typeof contentOf>[1]): readonly string[] {
	try {
		return contentOf(store, entry);
	} catch {
		return [];
	}
}

/** The record of a layer goes first: a layer without one is not there. What goes away is out of sight before it is removed. */
function removeContent(inside: Store, content: readonly string[]): Pick<RemovedImage, 'deleted' | 'bytes'> {
	const needed = neededContent(inside);
	if (!needed.isComplete) return { deleted: [], bytes: 0 };
	const { kept } = readWorkspaces(rootOf(inside));
	const going = [...new Set(content)].filter(name => !needed.names.has(name) && !kept.has(name));
	const counter = new UsageCounter();
	let bytes = 0;
	for (const name of going.filter(each => !isBlob(each))) {
		const [directory, record] = [join(inside.layers, name), join(inside.layers, `${name}.json`)];
		bytes += counter.count(directory) + counter.count(record);
		rmSync(record, { force: true });
		if (existsSync(directory)) renameSync(directory, join(inside.tmp, name));
	}
	const deleted = going.filter(isBlob).filter(digest => existsSync(blobPath(inside, digest)));
	for (const digest of deleted) {
		bytes += counter.count(blobPath(inside, digest));
		rmSync(blobPath(inside, digest), { force: true });
	}
	return { deleted, bytes };
}

/** The store whose `tmp` holds the workspaces. */
function rootOf(store: Store): Store {
	return { ...store, tmp: join(store.root, 'tmp') };
}
