import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Digest, splitDigest } from '../core/brands.ts';
import type { ImageConfig } from '../oci/image-spec.ts';
import { parseDocument, property } from '../oci/json-field.ts';
import type { Metadata } from '../rootfs/layer-entry.ts';
import { parseMetadata, serialiseMetadata } from '../rootfs/layer-record.ts';
import type { Store } from '../store/open-store.ts';

/** What `run` needs of an image whose layers are extracted. */
export interface ResolvedImage {
	readonly manifestDigest: Digest;
	/** The image's id, as docker has it. */
	readonly configDigest: Digest;
	readonly config: ImageConfig;
	/** Names of the layers' directories in the store, bottom first, none twice. */
	readonly layers: readonly string[];
	/** Metadata of the root directory, where a layer lists it. */
	readonly root: Metadata | undefined;
}

const VERSION = 2;

/** One file read on the way of every `run`; undefined when the image or a layer of it is not there (any more). */
export function readResolved(store: Store, manifest: Digest): ResolvedImage | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(pathOf(store, manifest));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
	// a file whose name reached the disk before a power cut, and whose content did not
	if (bytes.length === 0) return undefined;
	const document = parseDocument(bytes, `resolved image ${manifest}`);
	const value = document.value as ResolvedImage & { readonly version: number };
	if (value.version !== VERSION || value.manifestDigest !== manifest) return undefined;
	if (!value.layers.every(name => existsSync(`${store.layers}/${name}`))) return undefined;
	const root = property(document, 'root');
	return { ...value, root: root === undefined ? undefined : parseMetadata(root) };
}

export function hasResolved(store: Store, manifest: Digest): boolean {
	return existsSync(pathOf(store, manifest));
}

/** @param store of a workspace */
export function writeResolved(store: Store, image: ResolvedImage): void {
	const path = pathOf(store, image.manifestDigest);
	const root = image.root === undefined ? undefined : serialiseMetadata(image.root);
	const temporary = `${store.tmp}/resolved-${splitDigest(image.manifestDigest).hex}`;
	writeFileSync(temporary, JSON.stringify({ version: VERSION, ...image, root }), { mode: 0o600 });
	renameSync(temporary, path);
}

export function pathOf(store: Store, manifest: Digest): string {
	return `${store.resolved}/${splitDigest(manifest).hex}.json`;
}
