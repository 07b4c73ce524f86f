import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { choosePlatform, hostPlatform, type PlatformChoice, readPlatform } from '../image/choose-platform.ts';
import type { ImageSource } from '../image/image-source.ts';
import { type OpenSource, openAnyArchive, openSource } from '../image/open-source.ts';
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

export type LoadOptions = ImageOptions & { readonly name?: string | undefined };

/**
 * Copies local images into the store under their own names: all that there are, unless the reference names one; or one under `name`.
 * @throws TsrunError
 */
export async function loadImages(
	store: Store,
	text: string,
	options: LoadOptions = {},
): Promise<readonly LoadedImage[]> {
	const reference = localReference(text);
	const all = reference.ref === undefined && options.name === undefined;
	return withSource(store, reference, all, images => loadEach(store, images, options));
}

/** As {@link loadImages}, of an archive of either kind: its path, or its bytes. */
export async function loadArchive(
	store: Store,
	archive: string | AsyncIterable<Uint8Array>,
	options: LoadOptions = {},
): Promise<readonly LoadedImage[]> {
	const { withWorkspace } = await import('./workspace.ts');
	return withWorkspace(store, async ({ store: { tmp } }) => {
		const { unpackInto, writeFile } = await import('./unpack-archive.ts');
		// an image that has only a tag is named for its file
		const path = typeof archive === 'string' ? archive : `${tmp}/stdin`;
		try {
			if (typeof archive !== 'string') await writeFile(path, archive);
			const { images, close } = await openAnyArchive(path, unpackInto(tmp));
			return await loadEach(store, images, options).finally(close);
		} catch (error) {
			throw typeof archive === 'string' ? error : fromStandardInput(error, path);
		}
	});
}

function fromStandardInput(error: unknown, path: string): unknown {
	if (!(error instanceof TsrunError) || !error.message.includes(path)) return error;
	const { code, message, hint, exitCode } = error;
	const words = message.replace(`archive ${path}`, path).replaceAll(path, 'the archive on standard input');
	return new TsrunError(code, words, { exitCode, cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** As {@link loadImages}, of the one image that the reference stands for. */
export async function loadImage(store: Store, text: string, options: LoadOptions = {}): Promise<LoadedImage> {
	const [loaded] = await withSource(store, localReference(text), false, images => loadEach(store, images, options));
	if (loaded === undefined) throw new Error(`${text} has no image`);
	return loaded;
}

function localReference(text: string): LocalReference {
	const reference = parseReference(text);
	if (reference.kind === 'local') return reference;
	throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a file or directory`, {
		hint: 'use oci:DIR, oci-archive:FILE or docker-archive:FILE',
	});
}

async function loadEach(
	store: Store,
	images: readonly ImageSource[],
	options: LoadOptions,
): Promise<readonly LoadedImage[]> {
	const { name } = options;
	const choice = choiceOf(options);
	const [first] = images;
	if (name !== undefined && images.length > 1) {
		throw new TsrunError('TSRUN_AMBIGUOUS_IMAGE', `${first?.description} holds ${images.length} images for one name`, {
			hint: `choose one of ${images.flatMap(({ names }) => names).join(', ')}`,
		});
	}
	const loaded: LoadedImage[] = [];
	for (const source of images) {
		const names = name === undefined ? source.names : [normaliseName(name)];
		const { manifestDigest, configDigest } = await add(store, { source, names, choice }, options);
		loaded.push({ names, manifestDigest, configDigest });
	}
	return loaded;
}

/** A compressed archive is unpacked in the store, where `system df` shows it and `prune` finds what a killed command leaves. */
async function withSource<T>(
	store: Store,
	reference: LocalReference,
	all: boolean,
	use: (images: OpenSource['images']) => Promise<T>,
): Promise<T> {
	const open = async (tmp: string): Promise<T> => {
		const { unpackInto } = await import('./unpack-archive.ts');
		const { images, close } = await openSource(reference, { all, unpack: unpackInto(tmp) });
		return use(images).finally(close);
	};
	if (reference.transport === 'oci') return open(store.tmp);
	const { withWorkspace } = await import('./workspace.ts');
	return withWorkspace(store, ({ store: { tmp } }) => open(tmp));
}

async function ensureLocal(store: Store, reference: LocalReference, options: ImageOptions): Promise<ReadyImage> {
	const choice = choiceOf(options);
	return withSource(store, reference, false, async ([source]) => {
		if (source === undefined) throw new Error(`${reference.text} has no image`);
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
	});
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
