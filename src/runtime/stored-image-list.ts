import { renameSync, rmSync } from 'node:fs';
import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { parseReference } from '../image/parse-reference.ts';
import type { ImageConfig, Platform } from '../oci/image-spec.ts';
import { parseImageConfig } from '../oci/parse-image-config.ts';
import { removeTreeAt } from '../rootfs/layer-fs.ts';
import { chainIds, chainLayerName, layerName } from '../rootfs/layer-name.ts';
import type { Store } from '../store/open-store.ts';
import { type RemoveOptions, removeBlobs, removeEntry } from '../store/remove-entries.ts';
import { listEntries, nameOf, readManifest } from '../store/stored-images.ts';
import { CONTENT_LOCK, withLock } from '../store/with-lock.ts';
import { readBlob } from '../store/write-blob.ts';
import { pathOf } from './resolved-image.ts';

/** A line of `tsrun images`. */
export interface StoredImage {
	/** `busybox:latest`; absent when the image has lost its name, or never had one. */
	readonly name?: string;
	readonly id: Digest;
	readonly manifestDigest: Digest;
	readonly created?: string;
	readonly platform: Platform;
	/** Bytes of its blobs in the store. */
	readonly size: number;
}

/** The images of the store, by name. */
export function listImages(store: Store): readonly StoredImage[] {
	const images = listEntries(store).map(entry => {
		const manifest = readManifest(store, entry.digest);
		const { os, architecture, variant, created } = readConfig(store, entry.digest);
		const name = nameOf(entry);
		return {
			...(name === undefined ? {} : { name }),
			id: manifest.config.digest,
			manifestDigest: entry.digest,
			...(created === undefined ? {} : { created }),
			platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
			size: [entry, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
		};
	});
	return images.sort((a, b) => ((a.name ?? '~') < (b.name ?? '~') ? -1 : 1));
}

export interface RemovedImage {
	readonly untagged: readonly string[];
	/** Blobs that went. */
	readonly deleted: readonly Digest[];
}

/**
 * Removes a name of an image; with the last one, its blobs and layers that no other image uses.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_IMAGE_IN_USE
 */
export async function removeImage(store: Store, text: string, options: RemoveOptions): Promise<RemovedImage> {
	const reference = parseReference(text);
	if (reference.kind === 'local') {
		throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name in the store`);
	}
	return withLock(store, { name: CONTENT_LOCK, kind: 'exclusive' }, async () => {
		const { untagged, manifest } = await removeEntry(store, reference, options);
		if (manifest === undefined) return { untagged, deleted: [] };
		rmSync(pathOf(store, manifest), { force: true });
		const needed = new Set(listEntries(store).flatMap(({ digest }) => layerNames(store, digest)));
		for (const name of layerNames(store, manifest)) if (!needed.has(name)) removeLayer(store, name);
		return { untagged, deleted: removeBlobs(store, manifest) };
	});
}

/** Every name that a layer of the image may have on disk. */
function layerNames(store: Store, manifest: Digest): readonly string[] {
	const { diffIds } = readConfig(store, manifest).rootfs;
	return [...diffIds.map(layerName), ...chainIds(diffIds).map(chainLayerName)];
}

/** The record goes first: a layer without one is not there. */
function removeLayer(store: Store, name: string): void {
	rmSync(`${store.layers}/${name}.json`, { force: true });
	const away = `removed-${name}-${process.pid}`;
	try {
		renameSync(`${store.layers}/${name}`, `${store.tmp}/${away}`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
		throw error;
	}
	removeTreeAt(store.tmp, away);
}

function readConfig(store: Store, manifest: Digest): ImageConfig {
	const { config } = readManifest(store, manifest);
	return parseImageConfig(readBlob(store, config.digest), `config ${config.digest}`);
}
