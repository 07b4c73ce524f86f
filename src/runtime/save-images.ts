import { Buffer } from 'node:buffer';
import { copyFileSync, createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { attempt } from '../core/system-failure.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { CONTAINERD_NAME, REF_NAME } from '../oci/media-types.ts';
import { LAYOUT_DOCUMENT } from '../oci/parse-layout.ts';
import { TAR_END, tarHeader, tarPadding } from '../rootfs/tar-writer.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { nameOf } from '../store/stored-images.ts';
import { hasBlob } from '../store/write-blob.ts';
import { type FoundImage, findImage } from './image-document.ts';
import { imageContent } from './store-content.ts';
import { withWorkspace } from './workspace.ts';

export type SaveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir';

/** A file of an archive: bytes, or a blob of the store. */
type SavedFile = { readonly name: string } & (
	| { readonly bytes: Buffer }
	| { readonly blob: Digest; readonly size: number }
);

/**
 * The bytes of an archive of images. A docker-archive is both: an OCI image layout, and the `manifest.json` of docker save; whatever
 * reads either reads it. The same images make the same bytes.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_STORE
 */
export async function saveImages(
	store: Store,
	names: readonly string[],
	{
		format,
		write,
	}: { readonly format: Exclude<SaveFormat, 'oci-dir'>; readonly write: (chunk: Buffer) => Promise<void> },
): Promise<void> {
	await withFiles(store, { names, format }, async files => {
		for (const directory of ['blobs/', 'blobs/sha256/']) await write(tarHeader(member(directory, 0)));
		for (const file of files) {
			const size = 'bytes' in file ? file.bytes.length : file.size;
			await write(tarHeader(member(file.name, size)));
			if ('bytes' in file) await write(file.bytes);
			else for await (const chunk of createReadStream(blobPath(store, file.blob))) await write(chunk as Buffer);
			await write(tarPadding(size));
		}
		await write(TAR_END);
	});
}

/** The same as a directory, which must not exist, or be empty. @throws TsrunError TSRUN_NO_IMAGE, TSRUN_SAVE */
export async function saveDirectory(store: Store, names: readonly string[], directory: string): Promise<void> {
	await withFiles(store, { names, format: 'oci-dir' }, files =>
		attempt({ code: 'TSRUN_SAVE', action: `write the image layout ${directory}` }, () => {
			mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
			for (const file of files) {
				const path = join(directory, file.name);
				if ('bytes' in file) writeFileSync(path, file.bytes);
				else copyFileSync(blobPath(store, file.blob), path);
			}
		}),
	);
}

async function withFiles<T>(
	store: Store,
	{ names, format }: { readonly names: readonly string[]; readonly format: SaveFormat },
	use: (files: readonly SavedFile[]) => T | Promise<T>,
): Promise<T> {
	return withWorkspace(store, async ({ keep }) => {
		const images = names.map(name => ({ ...findImage(store, name), name: wantedName(store, name) }));
		await keep(images.flatMap(({ entry }) => imageContent(store, entry.digest)));
		for (const image of images) requireComplete(store, image);
		return use(filesOf(images, format));
	});
}

type NamedImage = FoundImage & { readonly name: string | undefined };

/** The name by which it was asked for; none where that was an id. */
function wantedName(store: Store, text: string): string | undefined {
	const { entry } = findImage(store, text);
	const name = nameOf(entry);
	return name !== undefined && /^(sha256:)?[0-9a-f]{12,64}$/.test(text) && !name.startsWith(`${text}:`)
		? undefined
		: name;
}

function requireComplete(store: Store, { entry, manifest }: FoundImage): void {
	const missing = [manifest.config, ...manifest.layers].find(blob => !hasBlob(store, blob));
	if (missing === undefined) return;
	throw new TsrunError('TSRUN_STORE', `image ${entry.digest} is not complete: blob ${missing.digest} is not there`, {
		hint: 'tsrun system check says what is damaged; load or pull the image again',
	});
}

function filesOf(images: readonly NamedImage[], format: SaveFormat): readonly SavedFile[] {
	const blobs = new Map<Digest, number>();
	for (const { entry, manifest } of images) {
		for (const { digest, size } of [entry, manifest.config, ...manifest.layers]) blobs.set(digest, size);
	}
	const json = (name: string, value: unknown): SavedFile => ({ name, bytes: Buffer.from(JSON.stringify(value)) });
	const index = { schemaVersion: 2, manifests: images.map(image => entryOf(image)) };
	return [
		...[...blobs].map(([blob, size]) => ({ name: pathOf(blob), blob, size })),
		json('index.json', index),
		...(format === 'docker-archive' ? [json('manifest.json', merged(images))] : []),
		{ name: 'oci-layout', bytes: Buffer.from(LAYOUT_DOCUMENT) },
	];
}

function entryOf({ entry, name }: NamedImage): Descriptor {
	const { mediaType, digest, size, platform } = entry;
	const plain = { mediaType, digest, size, ...(platform === undefined ? {} : { platform }) };
	if (name === undefined) return plain;
	const full = fullName(name);
	return { ...plain, annotations: { [CONTAINERD_NAME]: full, [REF_NAME]: full.slice(full.lastIndexOf(':') + 1) } };
}

/** With the registry that docker leaves out. */
function fullName(name: string): string {
	const [first = '', ...rest] = name.split('/');
	const hasDomain = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
	if (hasDomain) return name;
	return rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}

/** One record for each image, with all its names. */
function merged(images: readonly NamedImage[]): readonly unknown[] {
	const digests = [...new Set(images.map(({ entry }) => entry.digest))];
	return digests.flatMap(digest => {
		const same = images.filter(({ entry }) => entry.digest === digest);
		const [first] = same;
		if (first === undefined) return [];
		return [
			{
				Config: pathOf(first.manifest.config.digest),
				RepoTags: same.flatMap(({ name }) => name ?? []),
				Layers: first.manifest.layers.map(layer => pathOf(layer.digest)),
			},
		];
	});
}

function pathOf(digest: Digest): string {
	const { algorithm, hex } = splitDigest(digest);
	return `blobs/${algorithm}/${hex}`;
}

function member(name: string, size: number): Parameters<typeof tarHeader>[0] {
	const isDirectory = name.endsWith('/');
	return {
		type: isDirectory ? 'directory' : 'file',
		name,
		target: '',
		size,
		device: [0, 0],
		metadata: { mode: isDirectory ? 0o755 : 0o644, uid: 0, gid: 0, mtimeSec: 0, mtimeNsec: 0, xattrs: [] },
	};
}
