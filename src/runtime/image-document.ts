import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { parseReference } from '../image/parse-reference.ts';
import type { Manifest } from '../oci/image-spec.ts';
import { asObject, parseDocument } from '../oci/json-field.ts';
import type { Store } from '../store/open-store.ts';
import { findEntry, readManifest, type StoredEntry, type StoredName } from '../store/stored-images.ts';
import { readBlob } from '../store/write-blob.ts';

/** An image's configuration with every field that it has, also those that nothing here reads. */
export type ImageDocument = Readonly<Record<string, unknown>> & {
	readonly created?: string;
	readonly author?: string;
	readonly architecture: string;
	readonly os: string;
	readonly variant?: string;
	readonly config?: Readonly<Record<string, unknown>>;
	readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
	readonly history?: readonly HistoryRecord[];
};

/** image-spec 1.1, config.md, "history". */
export interface HistoryRecord {
	readonly created?: string;
	readonly created_by?: string;
	readonly author?: string;
	readonly comment?: string;
	readonly empty_layer?: boolean;
}

export interface FoundImage {
	readonly entry: StoredEntry;
	readonly manifest: Manifest;
	readonly document: ImageDocument;
}

/** @throws TsrunError TSRUN_NO_IMAGE, TSRUN_BAD_REFERENCE */
export function findImage(store: Store, text: string): FoundImage {
	const entry = findEntry(store, storedName(text));
	return { entry, ...readImageDocument(store, entry.digest) };
}

export function readImageDocument(store: Store, digest: Digest): Omit<FoundImage, 'entry'> {
	const manifest = readManifest(store, digest);
	const field = parseDocument(readBlob(store, manifest.config.digest), `config ${manifest.config.digest}`);
	return { manifest, document: asObject(field) as unknown as ImageDocument };
}

/** @throws TsrunError TSRUN_BAD_REFERENCE */
export function storedName(text: string): StoredName {
	const reference = parseReference(text);
	if (reference.kind === 'name') return reference;
	throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name in the store`);
}
