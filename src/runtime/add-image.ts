import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { turns } from '../core/turns.ts';
import { formatPlatform, type PlatformChoice, platformMatches } from '../image/choose-platform.ts';
import { type ImageSource, readDocument } from '../image/image-source.ts';
import type { Descriptor, ImageConfig, Manifest } from '../oci/image-spec.ts';
import { parseImageConfig } from '../oci/parse-image-config.ts';
import { parseManifest } from '../oci/parse-manifest.ts';
import type { LayerLimits } from '../rootfs/extract-layer.ts';
import { extractLayers, type LayerBlob, visibleLayers } from '../rootfs/extract-layers.ts';
import { openExtractPool } from '../rootfs/extract-pool.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { listEntries, putEntry } from '../store/stored-images.ts';
import { withLock } from '../store/with-lock.ts';
import { hasBlob, readBlob, writeBlob } from '../store/write-blob.ts';
import type { OnLayer } from './layer-progress.ts';
import { type ResolvedImage, writeResolved } from './resolved-image.ts';
import { layerNames } from './store-content.ts';
import { type Workspace, withWorkspace } from './workspace.ts';

export interface AddOptions {
	readonly choice: PlatformChoice;
	/** Gets one line for each blob that is copied and each layer that is extracted. */
	readonly onProgress?: ((line: string) => void) | undefined;
	/** Gets every change of a layer, and each piece of it that comes. */
	readonly onLayer?: OnLayer | undefined;
	readonly limits?: LayerLimits | undefined;
}

/**
 * Copies an image into the store, every blob verified, and extracts its layers meanwhile; its entry comes last.
 * @param names under which it is found; none: by its id only
 * @throws TsrunError
 */
export async function addImage(store: Store, image: ImageToAdd, options: AddOptions): Promise<ResolvedImage> {
	return withWorkspace(store, workspace => addInside(workspace, image, options));
}

export interface ImageToAdd {
	readonly source: ImageSource;
	readonly manifest: Descriptor;
	readonly names: readonly string[];
	/** The index that the manifest was chosen from; it then is what the names stand for. */
	readonly index?: { readonly descriptor: Descriptor; readonly bytes: Buffer } | undefined;
	/** How the layers come that are not in the store; from `source` unless told. */
	readonly bring?: BringLayers | undefined;
}

export type BringLayers = (
	store: Store,
	layers: readonly Descriptor[],
	options: AddOptions,
) => ReadonlyMap<Digest, LayerBlob & { readonly verified: Promise<void> }>;

async function addInside(
	{ store, keep }: Workspace,
	{ source, manifest, names, index, bring }: ImageToAdd,
	options: AddOptions,
): Promise<ResolvedImage> {
	const manifestBytes = readDocument(source, manifest);
	const parsed = parseManifest(manifestBytes, `manifest ${manifest.digest}`);
	const configBytes = readDocument(source, parsed.config);
	const config = readConfig(parsed, configBytes);
	checkPlatform(config, { ...options, description: source.description, manifest });
	await keep([...namesOf(manifest, parsed, config), ...(index === undefined ? [] : [index.descriptor.digest])]);
	const copies = (bring ?? copyingFrom(source))(store, parsed.layers, options);
	const verified = [...copies.values()].map(copy => copy.verified);
	try {
		const blobs = parsed.layers.map(({ digest }) => copies.get(digest) ?? { path: blobPath(store, digest) });
		const resolved = await extractImage(store, { manifest, parsed, config, blobs }, options);
		await Promise.all(verified);
		if (!hasBlob(store, parsed.config)) await writeBlob(store, parsed.config, once(configBytes));
		if (!hasBlob(store, manifest)) await writeBlob(store, manifest, once(manifestBytes));
		if (index !== undefined && !hasBlob(store, index.descriptor)) {
			await writeBlob(store, index.descriptor, once(index.bytes));
		}
		const { os, architecture, variant } = config;
		const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
		const entry = index?.descriptor ?? { ...manifest, platform };
		for (const name of names.length === 0 ? [undefined] : names) await putEntry(store, entry, name);
		writeResolved(store, resolved);
		return resolved;
	} catch (error) {
		// a blob that is not what it should be says more than what its extraction stumbled over
		const settled = await Promise.allSettled(verified);
		throw settled.find(copy => copy.status === 'rejected')?.reason ?? error;
	}
}

/**
 * Extracts the layers of an image of the store that are not there yet. Another tool may have put it there, so its documents are
 * verified like those of any source.
 */
export async function resolveImage(store: Store, manifest: Descriptor, options: AddOptions): Promise<ResolvedImage> {
	return withWorkspace(store, async ({ store: inside, keep }) => {
		try {
			const blobAccess = { readBlob: (digest: Digest) => readBlob(store, digest) };
			const parsed = parseManifest(readDocument(blobAccess, manifest), `manifest ${manifest.digest}`);
			const config = readConfig(parsed, readDocument(blobAccess, parsed.config));
			checkPlatform(config, { ...options, description: manifest.digest, manifest });
			await keep(namesOf(manifest, parsed, config));
			const gone = [manifest, parsed.config, ...parsed.layers].find(blob => !hasBlob(store, blob));
			if (gone !== undefined) readBlob(store, gone.digest);
			const blobs = parsed.layers.map(({ digest }) => ({ path: blobPath(store, digest) }));
			const resolved = await extractImage(inside, { manifest, parsed, config, blobs }, options);
			writeResolved(inside, resolved);
			return resolved;
		} catch (error) {
			const isMissing = error instanceof TsrunError && error.code === 'TSRUN_STORE';
			const isListed = listEntries(store).some(({ digest }) => digest === manifest.digest);
			throw isMissing && !isListed ? removedMeanwhile(manifest) : error;
		}
	});
}

/** Between the look into index.json and the moment from which its content was kept. */
function removedMeanwhile({ digest }: Descriptor): TsrunError {
	return new TsrunError('TSRUN_NO_IMAGE', `image ${digest} was removed meanwhile`, {
		hint: 'another command removed it: load it again',
	});
}

/** What must not be removed while the image is added. */
function namesOf({ digest }: Descriptor, { config, layers }: Manifest, { rootfs }: ImageConfig): readonly string[] {
	return [digest, config.digest, ...layers.map(layer => layer.digest), ...layerNames(rootfs.diffIds)];
}

/** While one waits for the disk, the next are read. */
const COPIES_AT_ONCE = 3;

/** Begins to copy the layers that are not in the store. */
function copyingFrom(source: ImageSource): BringLayers {
	return (store, layers, { onProgress }) => {
		const copies = new Map<Digest, LayerBlob & { readonly verified: Promise<void> }>();
		const takeTurn = turns(COPIES_AT_ONCE);
		for (const layer of layers) {
			if (copies.has(layer.digest) || hasBlob(store, layer)) continue;
			const verified = takeTurn(() => {
				onProgress?.(`copying ${short(layer.digest)} (${layer.size} bytes)`);
				return writeBlob(store, layer, source.openBlob(layer.digest));
			});
			verified.catch(() => {});
			const { path, ...range } = source.locateBlob(layer.digest);
			copies.set(layer.digest, { path, range, verified });
		}
		return copies;
	};
}

async function extractImage(
	store: Store,
	image: { manifest: Descriptor; parsed: Manifest; config: ImageConfig; blobs: readonly LayerBlob[] },
	{ onProgress, onLayer, limits }: AddOptions,
): Promise<ResolvedImage> {
	const { manifest, parsed, config, blobs } = image;
	const pool = openExtractPool({ bytes: parsed.layers.reduce((sum, { size }) => sum + size, 0) });
	try {
		const layers = await extractLayers({
			diffIds: config.rootfs.diffIds,
			blobs,
			layers: store.layers,
			tmp: store.tmp,
			withLock: (name, work) => withLock(store, { name, kind: 'exclusive' }, work),
			extract: pool.extract,
			...(limits === undefined ? {} : { limits }),
			onLayer: (digest, state) => {
				if (state === 'extracting') onProgress?.(`extracting ${short(digest)}`);
				const blob = parsed.layers[config.rootfs.diffIds.indexOf(digest)];
				if (blob === undefined || state === 'present') return;
				onLayer?.({ digest: blob.digest, state, received: blob.size, size: blob.size });
			},
		});
		return {
			manifestDigest: manifest.digest,
			configDigest: parsed.config.digest,
			config,
			layers: visibleLayers(layers),
			root: layers.findLast(({ record }) => record.root !== undefined)?.record.root,
		};
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

export function readConfig(manifest: Manifest, bytes: Buffer): ImageConfig {
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
