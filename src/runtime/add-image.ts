import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { formatPlatform, type PlatformChoice, platformMatches } from '../image/choose-platform.ts';
import { type ImageSource, readDocument } from '../image/image-source.ts';
import type { Descriptor, ImageConfig, Manifest } from '../oci/image-spec.ts';
import { parseImageConfig } from '../oci/parse-image-config.ts';
import { parseManifest } from '../oci/parse-manifest.ts';
import type { LayerLimits } from '../rootfs/extract-layer.ts';
import { extractLayers, visibleLayers } from '../rootfs/extract-layers.ts';
import { openExtractPool } from '../rootfs/extract-pool.ts';
import { blobPath, type Store, sweepTemporary } from '../store/open-store.ts';
import { putEntry } from '../store/stored-images.ts';
import { withLock } from '../store/with-lock.ts';
import { hasBlob, readBlob, writeBlob } from '../store/write-blob.ts';
import { type ResolvedImage, writeResolved } from './resolved-image.ts';

export interface AddOptions {
	readonly choice: PlatformChoice;
	/** Gets one line for each blob that is copied and each layer that is extracted. */
	readonly onProgress?: ((line: string) => void) | undefined;
	readonly limits?: LayerLimits | undefined;
}

/**
 * Copies an image into the store, every blob verified; its entry comes last. The caller holds the content lock, shared.
 * @param names under which it is found; none: by its id only
 * @throws TsrunError
 */
export async function addImage(
	store: Store,
	{ source, manifest, names }: { source: ImageSource; manifest: Descriptor; names: readonly string[] },
	{ choice, onProgress }: AddOptions,
): Promise<void> {
	sweepTemporary(store, Date.now());
	const manifestBytes = readDocument(source, manifest);
	const parsed = parseManifest(manifestBytes, `manifest ${manifest.digest}`);
	const configBytes = readDocument(source, parsed.config);
	const config = readConfig(parsed, configBytes);
	checkPlatform(config, { choice, description: source.description, manifest });
	const documents = new Map<Digest, Buffer>([
		[manifest.digest, manifestBytes],
		[parsed.config.digest, configBytes],
	]);
	for (const descriptor of [...parsed.layers, parsed.config, manifest]) {
		const { digest, size } = descriptor;
		if (hasBlob(store, descriptor)) continue;
		onProgress?.(`copying ${short(digest)} (${size} bytes)`);
		const document = documents.get(digest);
		await writeBlob(store, descriptor, document === undefined ? source.openBlob(digest) : once(document));
	}
	const { os, architecture, variant } = config;
	const entry = { ...manifest, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
	for (const name of names.length === 0 ? [undefined] : names) await putEntry(store, entry, name);
}

/** Extracts the layers of an image of the store that are not there yet. The caller holds the content lock, shared. */
export async function resolveImage(
	store: Store,
	manifest: Descriptor,
	{ choice, onProgress, limits }: AddOptions & { readonly choice?: PlatformChoice },
): Promise<ResolvedImage> {
	const parsed = parseManifest(readBlob(store, manifest.digest), `manifest ${manifest.digest}`);
	const config = readConfig(parsed, readBlob(store, parsed.config.digest));
	checkPlatform(config, { choice, description: manifest.digest, manifest });
	const pool = openExtractPool();
	try {
		const layers = await extractLayers({
			diffIds: config.rootfs.diffIds,
			blobs: parsed.layers.map(({ digest }) => blobPath(store, digest)),
			layers: store.layers,
			tmp: store.tmp,
			withLock: (name, work) => withLock(store, { name, kind: 'exclusive' }, work),
			extract: pool.extract,
			...(limits === undefined ? {} : { limits }),
			onLayer: (digest, state) => {
				if (state === 'extracting') onProgress?.(`extracting ${short(digest)}`);
			},
		});
		const resolved: ResolvedImage = {
			manifestDigest: manifest.digest,
			configDigest: parsed.config.digest,
			config,
			layers: visibleLayers(layers),
			root: layers.findLast(({ record }) => record.root !== undefined)?.record.root,
		};
		writeResolved(store, resolved);
		return resolved;
	} finally {
		await pool.close();
	}
}

/** @throws TsrunError TSRUN_NO_PLATFORM */
export function checkPlatform(
	config: ImageConfig,
	{ choice, description, manifest }: { choice: PlatformChoice; description: string; manifest: Descriptor },
): void {
	const target = choice.wanted ?? choice.host;
	const isChosen = manifest.platform !== undefined && platformMatches(manifest.platform, target);
	if (platformMatches(config, target) || (isChosen && config.architecture === target.architecture)) return;
	const wanted =
		choice.wanted === undefined ? `this host is ${formatPlatform(target)}` : `not for ${formatPlatform(target)}`;
	throw new TsrunError('TSRUN_NO_PLATFORM', `image ${description} is for ${formatPlatform(config)}, ${wanted}`, {
		hint:
			choice.wanted === undefined
				? `--platform ${formatPlatform(config)} takes it all the same; it runs where binfmt_misc has an emulator`
				: `the image exists for ${formatPlatform(config)}`,
	});
}

function readConfig(manifest: Manifest, bytes: Buffer): ImageConfig {
	const config = parseImageConfig(bytes, `config ${manifest.config.digest}`);
	if (config.rootfs.diffIds.length === manifest.layers.length) return config;
	throw new TsrunError(
		'TSRUN_BAD_IMAGE',
		`config ${manifest.config.digest} has ${config.rootfs.diffIds.length} layers where its manifest has ${manifest.layers.length}`,
	);
}

function short(digest: Digest): string {
	return digest.slice(0, 'sha256:'.length + 12);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
	yield bytes;
}
