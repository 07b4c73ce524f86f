import { fetchManifest } from '../image/registry/fetch-manifest.ts';
import type { Session } from '../image/registry/session.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseArtifact, parseIndex } from '../oci/parse-manifest.ts';
import { hasBlob, writeBlob } from '../store/write-blob.ts';
import { downloadLayers } from './download-layers.ts';
import type { OnLayer } from './layer-progress.ts';
import type { RegistryImage } from './registry-image.ts';
import type { Workspace } from './workspace.ts';

/**
 * Brings everything else of an index into the store: images for other platforms, whose layers are extracted when they are run, and
 * what is said about them, such as attestations.
 */
export async function fetchOtherPlatforms(
	{ store, keep }: Workspace,
	{ session, image }: { readonly session: Session; readonly image: RegistryImage },
	onLayer?: OnLayer,
): Promise<void> {
	if (image.index === undefined) return;
	const { manifests } = parseIndex(image.index.bytes, `index ${image.index.descriptor.digest}`);
	const others = manifests.filter(
		({ mediaType, digest }) => kindOfMediaType(mediaType) === 'manifest' && digest !== image.manifest.digest,
	);
	for (const manifest of others) {
		const { bytes } = await fetchManifest(session, manifest.digest);
		const { config, layers } = parseArtifact(bytes, `manifest ${manifest.digest}`);
		await keep([manifest.digest, config.digest, ...layers.map(({ digest }) => digest)]);
		// a config is brought like a layer: there is no other way to have it in the store
		await Promise.all(
			[...downloadLayers(store, { session, layers: [config, ...layers] }, onLayer).values()].map(copy => copy.verified),
		);
		if (!hasBlob(store, manifest)) await writeBlob(store, manifest, once(bytes));
	}
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
	yield bytes;
}
