import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../core/brands.ts';
import type { Descriptor, ImageConfig } from '../oci/image-spec.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseImageConfig } from '../oci/parse-image-config.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { chainIds, chainLayerName, layerName } from '../rootfs/layer-name.ts';
import { readIndexFile } from '../store/index-file.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import type { ImageUse } from '../store/remove-entries.ts';
import { readArtifact, readManifest } from '../store/stored-images.ts';
import { readBlob } from '../store/write-blob.ts';
import { readImageMounts } from './image-mounts.ts';
import { readResolved } from './resolved-image.ts';
import { readStoredContainers } from './stored-containers.ts';

/** How deep an index may point to further indexes (CVE-2026-53493). */
const MAX_INDEX_DEPTH = 3;

/** Digests of blobs and names of layer directories. */
export interface Content {
	readonly names: ReadonlySet<string>;
	/** False where a document could not be read: then nobody knows what is not needed. */
	readonly isComplete: boolean;
}

/** Of the names of content, those of blobs; the others are layers. */
export function isBlob(name: string): name is Digest {
	return name.includes(':');
}

/** Everything that the images of index.json, containers and mounts need. */
export function neededContent(store: Store): Content {
	const names = new Set<string>();
	let isComplete = true;
	const add = (collect: () => readonly string[]): void => {
		try {
			for (const name of collect()) names.add(name);
		} catch {
			isComplete = false;
		}
	};
	for (const entry of readIndexFile(store).manifests) {
		names.add(entry.digest);
		add(() => contentOf(store, entry));
	}
	for (const { digest } of imageUses(store)) {
		names.add(digest);
		add(() => readResolved(store, digest)?.layers ?? []);
		if (existsSync(blobPath(store, digest))) add(() => imageContent(store, digest));
	}
	return { names, isComplete };
}

/** Who uses which image. */
export function imageUses(store: Store): readonly ImageUse[] {
	const containers = readStoredContainers(store).containers.map(({ record: { state, status } }) => {
		const isRunning = status !== 'exited' && status !== 'dead';
		return {
			digest: parseDigest(state.imageDigest),
			what: `${isRunning ? 'running ' : ''}container ${state.name}`,
			isRunning,
		};
	});
	const mounts = readImageMounts().map(({ digest, mountpoint }) => ({
		digest,
		what: `the mount at ${mountpoint}`,
		isRunning: true,
	}));
	return [...containers, ...mounts];
}

/** What an image that a descriptor stands for has in the store. An index is read once, however often others name it. */
export function contentOf(store: Store, entry: Pick<Descriptor, 'digest' | 'mediaType'>): readonly string[] {
	const names = new Set<string>();
	const visit = ({ digest, mediaType }: Pick<Descriptor, 'digest' | 'mediaType'>, depth: number): void => {
		if (names.has(digest)) return;
		names.add(digest);
		const kind = kindOfMediaType(mediaType);
		if (kind === 'manifest') for (const name of imageContent(store, digest)) names.add(name);
		if (kind !== 'index' || depth > MAX_INDEX_DEPTH) return;
		for (const child of parseIndex(readBlob(store, digest), `index ${digest}`).manifests) {
			if (existsSync(blobPath(store, child.digest))) visit(child, depth + 1);
		}
	};
	visit(entry, 0);
	return [...names];
}

/** The blobs of an image or another artifact, and every name that a layer of it may have on disk. */
export function imageContent(store: Store, manifest: Digest): readonly string[] {
	const { config, layers, isImage } = readArtifact(store, manifest);
	const extracted = isImage ? layerNames(readStoredConfig(store, manifest).rootfs.diffIds) : [];
	return [manifest, config.digest, ...layers.map(({ digest }) => digest), ...extracted];
}

export function layerNames(diffIds: readonly Digest[]): readonly string[] {
	return [...diffIds.map(layerName), ...chainIds(diffIds).map(chainLayerName)];
}

export function readStoredConfig(store: Store, manifest: Digest): ImageConfig {
	const { config } = readManifest(store, manifest);
	return parseImageConfig(readBlob(store, config.digest), `config ${config.digest}`);
}

/** The digests of the blobs that are there. */
export function listBlobs(store: Store): readonly Digest[] {
	const blobs = join(store.images, 'blobs');
	return ['sha256', 'sha512']
		.filter(algorithm => existsSync(join(blobs, algorithm)))
		.flatMap(algorithm => readdirSync(join(blobs, algorithm)).flatMap(hex => digestOrNothing(`${algorithm}:${hex}`)));
}

function digestOrNothing(text: string): readonly Digest[] {
	try {
		return [parseDigest(text)];
	} catch {
		return [];
	}
}
