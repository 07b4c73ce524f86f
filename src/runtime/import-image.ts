import { closeSync, openSync, readSync } from 'node:fs';
import type { Digest } from '../core/brands.ts';
import { hostPlatform, readPlatform } from '../image/choose-platform.ts';
import { OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD } from '../oci/media-types.ts';
import type { ConfigDocument } from '../spec/parse-change.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { writeNewBlob } from '../store/write-new-blob.ts';
import { diffIdOf, putNewImage } from './new-image.ts';
import { withWorkspace } from './workspace.ts';

export interface ImportRequest {
	/** A tar archive of a root file system, plain or compressed. */
	readonly content: AsyncIterable<Uint8Array>;
	readonly name: string | undefined;
	readonly message: string | undefined;
	readonly platform: string | undefined;
	readonly changes: readonly ((config: ConfigDocument) => ConfigDocument)[];
	/** ISO 8601. */
	readonly now: string;
}

/**
 * Makes an image of one layer.
 * @returns the id
 * @throws TsrunError TSRUN_BAD_LAYER
 */
export async function importImage(store: Store, request: ImportRequest): Promise<Digest> {
	const { content, name, message = 'Imported from -', platform, changes, now } = request;
	const host = hostPlatform(process.arch);
	return withWorkspace(store, async workspace => {
		const { digest, size } = await writeNewBlob(workspace, content);
		const diffId = await diffIdOf(store, digest);
		return putNewImage(workspace, store, {
			document: {
				created: now,
				...(platform === undefined ? host : readPlatform(platform, host)),
				config: changes.reduce<ConfigDocument>((config, change) => change(config), {}),
				rootfs: { type: 'layers', diff_ids: [diffId] },
				history: [{ created: now, comment: message }],
			},
			layers: [{ mediaType: mediaTypeOf(store, digest), digest, size }],
			name,
		});
	});
}

function mediaTypeOf(store: Store, digest: Digest): string {
	const fd = openSync(blobPath(store, digest), 'r');
	try {
		const head = Buffer.alloc(4);
		readSync(fd, head, 0, head.length, 0);
		const magic = head.toString('hex');
		return magic.startsWith('1f8b') ? OCI_LAYER_GZIP : magic === '28b52ffd' ? OCI_LAYER_ZSTD : OCI_LAYER;
	} finally {
		closeSync(fd);
	}
}
