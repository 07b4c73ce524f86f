import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Store } from '../store/open-store.ts';
import { collectGarbage } from './collect-garbage.ts';
import { removeImage } from './remove-image.ts';
import { imageUses } from './store-content.ts';
import { listImages, type StoredImage } from './stored-image-list.ts';

export interface PruneRequest {
	/** Every image that nothing uses; else only those without a name. */
	readonly all: boolean;
	readonly accepts: (image: StoredImage) => boolean;
}

export interface PrunedImages {
	readonly untagged: readonly string[];
	readonly deleted: readonly Digest[];
	readonly bytes: number;
}

/** Removes images that nothing uses, and what killed commands have left in the store. */
export async function pruneImages(store: Store, { all, accepts }: PruneRequest): Promise<PrunedImages> {
	const used = new Set<string>(imageUses(store).map(({ digest }) => digest));
	const images = listImages(store).filter(
		image => (all || image.name === undefined) && accepts(image) && !used.has(image.manifestDigest),
	);
	const removed = [];
	for (const manifest of new Set(images.map(({ manifestDigest }) => manifestDigest))) {
		// a name that it also has may not be accepted
		const names = images.filter(image => image.manifestDigest === manifest);
		for (const { name } of names) removed.push(await removeUnlessUsed(store, name ?? manifest));
	}
	const { garbage, bytes } = await collectGarbage(store);
	return {
		untagged: removed.flatMap(each => each.untagged),
		deleted: [...removed.flatMap(each => each.deleted), ...garbage.flatMap(({ digest }) => digest ?? [])],
		bytes: removed.reduce((sum, each) => sum + each.bytes, bytes),
	};
}

const NOTHING: PrunedImages = { untagged: [], deleted: [], bytes: 0 };

/** Since the list was made somebody may have begun to use it, or removed it. */
async function removeUnlessUsed(store: Store, text: string): Promise<PrunedImages> {
	try {
		return await removeImage(store, text, { force: false, allNames: true });
	} catch (error) {
		if (error instanceof TsrunError && ['TSRUN_IMAGE_IN_USE', 'TSRUN_NO_IMAGE'].includes(error.code)) return NOTHING;
		throw error;
	}
}
