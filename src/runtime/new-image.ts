import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/brands.ts';
import { hostPlatform } from '../image/choose-platform.ts';
import { normaliseName } from '../image/parse-reference.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../oci/media-types.ts';
import { decompress } from '../rootfs/decompress.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { putEntry } from '../store/stored-images.ts';
import { writeNewBlob } from '../store/write-new-blob.ts';
import { resolveImage } from './add-image.ts';
import type { ImageDocument } from './image-document.ts';
import { layerNames } from './store-content.ts';
import type { Workspace } from './workspace.ts';

export interface NewImage {
	readonly document: ImageDocument;
	readonly layers: readonly Descriptor[];
	/** As a user writes it; none: found by its id. */
	readonly name: string | undefined;
}

/**
 * Puts an image into the store that was made here: its layers are extracted, and so verified, before it has an entry.
 * @returns its id
 * @throws TsrunError TSRUN_BAD_LAYER, TSRUN_BAD_REFERENCE
 */
export async function putNewImage(
	workspace: Workspace,
	store: Store,
	{ document, layers, name }: NewImage,
): Promise<Digest> {
	const fullName = name === undefined ? undefined : normaliseName(name);
	const config = { mediaType: OCI_CONFIG, ...(await writeJson(workspace, document)) };
	const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers };
	const { os, architecture, variant } = document;
	const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
	const descriptor = { mediaType: OCI_MANIFEST, ...(await writeJson(workspace, manifest)), platform };
	await workspace.keep([...layers.map(({ digest }) => digest), ...layerNames(document.rootfs.diff_ids)]);
	await resolveImage(store, descriptor, { choice: { host: hostPlatform(process.arch), wanted: platform } });
	await putEntry(workspace.store, descriptor, fullName);
	return config.digest;
}

/** The digest of a layer without its compression. */
export async function diffIdOf(store: Store, blob: Digest): Promise<Digest> {
	const hash = createHash('sha256');
	for await (const chunk of decompress(blobPath(store, blob))) hash.update(chunk);
	return parseDigest(`sha256:${hash.digest('hex')}`);
}

function writeJson(workspace: Workspace, value: unknown): ReturnType<typeof writeNewBlob> {
	return writeNewBlob(workspace, [Buffer.from(JSON.stringify(value))]);
}
