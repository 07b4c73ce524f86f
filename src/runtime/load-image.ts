import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { choosePlatform, hostPlatform, type PlatformChoice, readPlatform } from '../image/choose-platform.ts';
import type { ImageSource } from '../image/image-source.ts';
import { openSource } from '../image/open-source.ts';
import {
	type ImageReference,
	type LocalReference,
	type NameReference,
	normaliseName,
	parseReference,
} from '../image/parse-reference.ts';
import { selectManifest } from '../image/select-manifest.ts';
import type { Descriptor, ImageConfig } from '../oci/image-spec.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import type { LayerLimits } from '../rootfs/extract-layer.ts';
import type { Metadata } from '../rootfs/layer-entry.ts';
import type { Store } from '../store/open-store.ts';
import { findEntry, type StoredEntry } from '../store/stored-images.ts';
import { hasBlob, readBlob } from '../store/write-blob.ts';
import type { LayerDisplay } from './layer-progress.ts';
import { type ResolvedImage, readResolved } from './resolved-image.ts';

export interface ImageOptions {
	/** When a name is looked for at its registry: `never` unless told. */
	readonly pull?: 'missing' | 'never' | 'always' | undefined;
	/** Shows how an image comes from a registry; called when one does. */
	readonly onPull?: (() => Promise<LayerDisplay>) | undefined;
	/** `os[/architecture[/variant]]`; the host's unless told. */
	readonly platform?: string | undefined;
	/** Gets one line for each blob that is copied and each layer that is extracted. */
	readonly onProgress?: ((line: string) => void) | undefined;
	readonly limits?: LayerLimits | undefined;
}

/** An image that is ready to run. */
export interface ReadyImage {
	/** As docker displays it, or the local reference. */
	readonly name: string;
	readonly manifestDigest: Digest;
	/** The image's id, as docker has it. */
	readonly configDigest: Digest;
	readonly config: ImageConfig;
	/** Directories of the layers, bottom first. */
	readonly layerDirs: readonly string[];
	/** Metadata of the image's root directory, where a layer lists it: for the snapshot. */
	readonly root: Metadata | undefined;
}

/**
 * Finds an image and makes it ready to run: copied into the store, layers extracted. When it already is, two or three small
 * files are read and nothing is written.
 * @throws TsrunError
 */
export async function ensureImage(
	store: Store,
	image: string | ImageReference,
	options: ImageOptions = {},
): Promise<ReadyImage> {
	const reference = typeof image === 'string' ? parseReference(image) : image;
	return reference.kind === 'local' ? ensureLocal(store, reference, options) : ensureNamed(store, reference, options);
}

export interface LoadedImage {
	/** The names that it now has in the store; empty when the source gives none. */
	readonly names: readonly string[];
	readonly manifestDigest: Digest;
	readonly configDigest: Digest;
}

/**
 * Copies local images into the store under their own names, or one under `name`: all of an archive of docker save, unless the
 * reference names one.
 * @throws TsrunError
 */
export async function loadImages(
	store: Store,
	text: string,
	options: ImageOptions & { readonly name?: string | undefined } = {},
): Promise<readonly LoadedImage[]> {
	const reference = localReference(text);
	if (reference.transport !== 'docker-archive' || reference.ref !== undefined || options.name !== undefined) {
		return [await loadFrom(store, reference, options)];
	}
	const { countSavedImages } = await import('../image/docker-archive.ts');
	const count = await countSavedImages(reference.path);
	const loaded: LoadedImage[] = [];
	for (let at = 0; at < count; at++) loaded.push(await loadFrom(store, { ...reference, at }, options));
	return loaded;
}

/** As {@link loadImages}, of the one image that the reference stands for. */
export async function loadImage(
	store: Store,
	text: string,
	options: ImageOptions & { readonly name?: string | undefined } = {},
): Promise<LoadedImage> {
	return loadFrom(store, localReference(text), options);
}

function localReference(text: string): LocalReference {
	const reference = parseReference(text);
	if (reference.kind === 'local') return reference;
	throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a file or directory`, {
		hint: 'use oci:DIR, oci-archive:FILE or docker-archive:FILE',
	});
}

async function loadFrom(
	store: Store,
	reference: LocalReference,
	options: ImageOptions & { readonly name?: string | undefined },
): Promise<LoadedImage> {
	const choice = choiceOf(options);
	const source = await openSource(reference);
	try {
		const names = options.name === undefined ? source.names : [normaliseName(options.name)];
		const { manifestDigest, configDigest } = await add(store, { source, names, choice }, options);
		return { names, manifestDigest, configDigest };
	} finally {
		source.close();
	}
}

async function ensureLocal(store: Store, reference: LocalReference, options: ImageOptions): Promise<ReadyImage> {
	const choice = choiceOf(options);
	const source = await openSource(reference);
	try {
		const manifest = selectManifest(source, choice);
		const resolved = readResolved(store, manifest.digest);
		if (resolved === undefined) {
			return ready(store, reference.text, await add(store, { source, names: [], choice }, options));
		}
		if (options.platform !== undefined) {
			const { checkPlatform } = await import('./add-image.ts');
			checkPlatform(resolved.config, { choice, description: reference.text, manifest });
		}
		return ready(store, reference.text, resolved);
	} finally {
		source.close();
	}
}

async function ensureNamed(store: Store, wanted: NameReference, options: ImageOptions): Promise<ReadyImage> {
	const choice = choiceOf(options);
	const { entry, reference } = await findOrPull(store, wanted, { ...options, choice });
	const name = reference.name === '' ? reference.text : reference.name;
	const resolved = readResolved(store, entry.digest);
	if (resolved === undefined) return ready(store, name, await resolve(store, entry, { ...options, choice }));
	if (options.platform !== undefined) {
		const { checkPlatform } = await import('./add-image.ts');
		checkPlatform(resolved.config, { choice, description: name, manifest: entry });
	}
	return ready(store, name, resolved);
}

/** Of an index, the image for the platform that was asked for. @throws TsrunError TSRUN_NO_PLATFORM when the store lacks it */
function platformEntry(store: Store, entry: StoredEntry, { choice }: NamedOptions): StoredEntry {
	const { listed, annotations = {} } = entry;
	if (choice.wanted === undefined || listed === undefined) return entry;
	const { manifests } = parseIndex(readBlob(store, listed), `index ${listed}`);
	const chosen = choosePlatform(
		manifests.filter(manifest => hasBlob(store, manifest)),
		choice,
	);
	return { ...chosen, annotations, listed };
}

interface FoundEntry {
	readonly entry: StoredEntry;
	/** With the name that it was found under. */
	readonly reference: NameReference;
}

type NamedOptions = ImageOptions & { readonly choice: PlatformChoice };

async function findOrPull(store: Store, reference: NameReference, options: NamedOptions): Promise<FoundEntry> {
	const { pull = 'never' } = options;
	if (pull === 'always') return pullNamed(store, reference, options);
	try {
		return { entry: platformEntry(store, findEntry(store, reference), options), reference };
	} catch (error) {
		const isMissing = error instanceof TsrunError && ['TSRUN_NO_IMAGE', 'TSRUN_NO_PLATFORM'].includes(error.code);
		if (pull === 'never' || !isMissing) throw error;
		// what can only be an id is at no registry
		if (reference.name === '') throw error;
	}
	return pullNamed(store, reference, options);
}

async function pullNamed(store: Store, reference: NameReference, options: NamedOptions): Promise<FoundEntry> {
	const { pullForRun } = await import('./pull-for-run.ts');
	const name = await pullForRun(store, reference, options);
	const pulled = { ...reference, name };
	return { entry: platformEntry(store, findEntry(store, pulled), options), reference: pulled };
}

async function add(
	store: Store,
	{ source, names, choice }: { source: ImageSource; names: readonly string[]; choice: PlatformChoice },
	options: ImageOptions,
): Promise<ResolvedImage> {
	const { addImage } = await import('./add-image.ts');
	return addImage(store, { source, manifest: selectManifest(source, choice), names }, { ...options, choice });
}

async function resolve(
	store: Store,
	entry: Descriptor,
	options: ImageOptions & { readonly choice: PlatformChoice },
): Promise<ResolvedImage> {
	const { resolveImage } = await import('./add-image.ts');
	return resolveImage(store, entry, options);
}

function ready(store: Store, name: string, { layers, ...image }: ResolvedImage): ReadyImage {
	const { manifestDigest, configDigest, config, root } = image;
	return {
		name,
		manifestDigest,
		configDigest,
		config,
		layerDirs: layers.map(layer => `${store.layers}/${layer}`),
		root,
	};
}

function choiceOf({ platform }: ImageOptions): PlatformChoice {
	const host = hostPlatform(process.arch);
	return { host, wanted: platform === undefined ? undefined : readPlatform(platform, host) };
}
