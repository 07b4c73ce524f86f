import { rmSync } from 'node:fs';
import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { changeIndexFile } from './index-file.ts';
import { blobPath, type Store } from './open-store.ts';
import { findEntry, listEntries, nameOf, readManifest, type StoredName } from './stored-images.ts';

export interface RemoveOptions {
	/** Manifest or config digests of images that a container was made from. */
	readonly inUse: ReadonlySet<string>;
	/** Remove the name of an image in use, or all names of an image given by its id. */
	readonly force: boolean;
}

export interface Removed {
	readonly untagged: readonly string[];
	/** Set when the image itself goes: its last name was removed and no container uses it. */
	readonly manifest?: Digest;
}

/**
 * Removes a name from the index; says whether the image itself is now to be removed. Blobs are not touched. The caller holds
 * the content lock.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_IMAGE_IN_USE
 */
export async function removeEntry(store: Store, wanted: StoredName, { inUse, force }: RemoveOptions): Promise<Removed> {
	const target = findEntry(store, wanted);
	const { config } = readManifest(store, target.digest);
	const isUsed = inUse.has(target.digest) || inUse.has(config.digest);
	const same = listEntries(store).filter(entry => entry.digest === target.digest);
	const isByName = nameOf(target) === wanted.name && (wanted.digest === undefined || same.length === 1);
	const going = isByName ? [target] : same;
	const isLast = going.length === same.length;
	if (isUsed && isLast && !force) {
		throw new TsrunError('TSRUN_IMAGE_IN_USE', `image ${wanted.text} is used by a container`, {
			hint: 'remove the container first, or use --force to remove only its name',
		});
	}
	if (going.length > 1 && !force) {
		const names = going.map(nameOf).join(', ');
		throw new TsrunError('TSRUN_IMAGE_IN_USE', `image ${wanted.text} has ${going.length} names: ${names}`, {
			hint: 'remove each name, or use --force to remove all of them',
		});
	}
	await changeIndexFile(store, entries => {
		const kept = entries.filter(
			entry => !going.some(gone => gone.digest === entry.digest && nameOf(gone) === nameOf(entry)),
		);
		return isUsed && isLast
			? [...kept, { mediaType: target.mediaType, digest: target.digest, size: target.size }]
			: kept;
	});
	const untagged = going.map(nameOf).filter(name => name !== undefined);
	return isLast && !isUsed ? { untagged, manifest: target.digest } : { untagged };
}

/** Removes the blobs of a manifest that no remaining entry needs; returns them. The caller holds the content lock. */
export function removeBlobs(store: Store, gone: Digest): readonly Digest[] {
	const needed = new Set(listEntries(store).flatMap(entry => blobsOf(store, entry)));
	const removed = [...new Set(blobsOf(store, { digest: gone }))].filter(digest => !needed.has(digest));
	for (const digest of removed) rmSync(blobPath(store, digest), { force: true });
	return removed;
}

function blobsOf(store: Store, { digest }: Pick<Descriptor, 'digest'>): readonly Digest[] {
	const { config, layers } = readManifest(store, digest);
	return [digest, config.digest, ...layers.map(layer => layer.digest)];
}
