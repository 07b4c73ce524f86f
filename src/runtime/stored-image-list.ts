import type { Digest } from '../core/brands.ts';
import type { Platform } from '../oci/image-spec.ts';
import type { Store } from '../store/open-store.ts';
import { listEntries, nameOf, readManifest, type StoredEntry } from '../store/stored-images.ts';
import { readStoredConfig } from './store-content.ts';

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
	readonly labels: Readonly<Record<string, string>>;
	/** Digests of the layers' blobs, bottom first. */
	readonly layers: readonly Digest[];
}

/** The images of the store, by name. */
export function listImages(store: Store): readonly StoredImage[] {
	const images = listEntries(store).map(entry => describe(store, entry));
	return images.sort((a, b) => ((a.name ?? '~') < (b.name ?? '~') ? -1 : 1));
}

/** One whose documents are damaged is listed all the same, so that it can be removed. */
function describe(store: Store, entry: StoredEntry): StoredImage {
	const name = nameOf(entry);
	const named = { ...(name === undefined ? {} : { name }), manifestDigest: entry.digest };
	try {
		const manifest = readManifest(store, entry.digest);
		const { os, architecture, variant, created, config } = readStoredConfig(store, entry.digest);
		return {
			...named,
			id: manifest.config.digest,
			...(created === undefined ? {} : { created }),
			platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
			size: [entry, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
			labels: config.labels,
			layers: manifest.layers.map(({ digest }) => digest),
		};
	} catch {
		const platform = { os: 'unknown', architecture: 'unknown' };
		return { ...named, id: entry.digest, platform, size: 0, labels: {}, layers: [] };
	}
}
