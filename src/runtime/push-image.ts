import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { parseReference, splitRepository } from '../image/parse-reference.ts';
import { type Endpoint, type FullName, fullNamesOf, pushEndpoint } from '../image/registry/endpoints.ts';
import { publishManifest } from '../image/registry/publish-manifest.ts';
import { pushBlob } from '../image/registry/push-blob.ts';
import { readRegistriesConf } from '../image/registry/read-registries-conf.ts';
import { NO_REGISTRIES_CONFIG } from '../image/registry/registries-conf.ts';
import type { Session } from '../image/registry/session.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { readIndexFile } from '../store/index-file.ts';
import { isWhole } from '../store/is-whole.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { findEntry, listEntries, nameOf, readArtifact, readManifest, repositoryOf } from '../store/stored-images.ts';
import { storedReferrers } from '../store/stored-referrers.ts';
import { readBlob } from '../store/write-blob.ts';
import { MAX_REFERRER_DEPTH } from './fetch-referrers.ts';
import type { OnLayer } from './layer-progress.ts';
import { openRegistry, type RegistryOptions } from './registry-context.ts';

export interface PushOptions extends RegistryOptions {
	/** Also what the store has that refers to it. */
	readonly referrers?: boolean | undefined;
	readonly onLayer?: OnLayer | undefined;
	readonly onImage?: ((image: { readonly name: string; readonly repository: string }) => void) | undefined;
	/** Bytes of a piece of a long blob. */
	readonly chunkSize?: number | undefined;
}

export interface PushedImage {
	/** With its registry: `docker.io/team/app:1`. */
	readonly reference: string;
	readonly digest: Digest;
	/** Bytes of the manifest or index. */
	readonly size: number;
}

/** As docker: more connections to one registry bring little. */
const AT_ONCE = 5;

/**
 * Brings an image of the store to a registry: an index when all its images are in the store, else this platform's manifest.
 * @param words the image in the store, and its name at the registry where that is another
 * @throws TsrunError
 */
export async function pushImage(
	store: Store,
	{ image, destination = image }: { readonly image: string; readonly destination?: string | undefined },
	options: PushOptions,
): Promise<PushedImage> {
	const name = destinationName(destination);
	const endpoint = pushEndpoint(name.repository, readRegistriesConf(options.env));
	const top = whatIsPushed(store, image);
	const manifests = manifestsOf(store, top);
	const referring = options.referrers === true ? referrersOf(store, [top, ...manifests]) : [];
	const unique = blobsOf(store, [...manifests, ...referring]);
	const homes = otherHomes(store, endpoint);
	const sources = [...new Set(unique.flatMap(({ digest }) => homes.get(digest) ?? []))];
	const subject = `${name.repository}:${name.version}`;
	const session = await openRegistry(endpoint, { actions: 'pull,push', subject, sources }, options);
	const publish = (descriptor: Descriptor, version: string): Promise<void> =>
		publishManifest(session, { descriptor, bytes: readBlob(store, descriptor.digest), version });
	try {
		options.onImage?.({ name: name.name, repository: name.repository });
		await pushBlobs(store, { session, blobs: unique, homes }, options);
		for (const manifest of manifests) {
			if (manifest.digest === top.digest) continue;
			await publish(manifest, manifest.digest);
		}
		await publish(top, name.version);
		for (const manifest of referring) await publish(manifest, manifest.digest);
		return { reference: subject, digest: top.digest, size: top.size };
	} finally {
		await session.close();
	}
}

/** A short name goes to Docker's registry: what is searched for is not where one pushes to. */
function destinationName(text: string): FullName {
	const reference = parseReference(text);
	const [name] = reference.kind === 'name' && reference.name !== '' ? fullNamesOf(reference, NO_REGISTRIES_CONFIG) : [];
	if (name !== undefined && name.digest === undefined) return name;
	throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name to push to`, {
		hint: 'expected [REGISTRY/]NAME[:TAG]; another name is the second word: tsrun push IMAGE NAME',
	});
}

function whatIsPushed(store: Store, image: string): Descriptor {
	const reference = parseReference(image);
	if (reference.kind === 'local') {
		throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(image)} is not a name in the store`, {
			hint: `load it first: tsrun load ${image}`,
		});
	}
	const entry = findEntry(store, reference);
	const { listed, digest, mediaType, size } = entry;
	const index =
		listed === undefined ? undefined : readIndexFile(store).manifests.find(other => other.digest === listed);
	return index !== undefined && isWhole(store, index) ? plain(index) : plain({ digest, mediaType, size });
}

function plain({ digest, mediaType, size }: Descriptor): Descriptor {
	return { mediaType, digest, size };
}

function manifestsOf(store: Store, top: Descriptor): readonly Descriptor[] {
	if (kindOfMediaType(top.mediaType) === 'manifest') return [top];
	return parseIndex(readBlob(store, top.digest), `index ${top.digest}`).manifests;
}

/** What refers to manifests, and what refers to that; each once, after what it refers to. */
function referrersOf(store: Store, subjects: readonly Descriptor[]): readonly Descriptor[] {
	const found = new Map<Digest, Descriptor>();
	let level = subjects;
	for (let depth = 0; depth < MAX_REFERRER_DEPTH; depth++) {
		level = level.flatMap(({ digest }) => storedReferrers(store, digest)).filter(({ digest }) => !found.has(digest));
		for (const manifest of level) found.set(manifest.digest, manifest);
	}
	return [...found.values()];
}

function blobsOf(store: Store, manifests: readonly Descriptor[]): readonly Descriptor[] {
	const blobs = manifests.flatMap(({ digest }) => {
		const { config, layers } = readArtifact(store, digest);
		return [...layers, config];
	});
	return [...new Map(blobs.map(blob => [blob.digest, blob])).values()];
}

/** Blob → other repositories of the same registry whose images in the store have it. */
function otherHomes(store: Store, { host, repository }: Endpoint): ReadonlyMap<Digest, readonly string[]> {
	const homes = new Map<Digest, readonly string[]>();
	for (const entry of listEntries(store)) {
		const name = nameOf(entry);
		if (name === undefined) continue;
		const { domain, path } = splitRepository(repositoryOf(name));
		if (domain !== host || path === repository) continue;
		for (const { digest } of readManifest(store, entry.digest).layers) {
			homes.set(digest, [...(homes.get(digest) ?? []), path]);
		}
	}
	return homes;
}

async function pushBlobs(
	store: Store,
	work: {
		readonly session: Session;
		readonly blobs: readonly Descriptor[];
		readonly homes: ReadonlyMap<Digest, readonly string[]>;
	},
	{ onLayer = () => {}, chunkSize }: PushOptions,
): Promise<void> {
	const { session, blobs, homes } = work;
	for (const { digest, size } of blobs) onLayer({ digest, state: 'waiting', received: 0, size });
	const queue = [...blobs];
	const worker = async (): Promise<void> => {
		for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
			const { digest, size } = blob;
			let sent = 0;
			const progress = (received: number): void => onLayer({ digest, state: 'pushing', received, size });
			const result = await pushBlob(session, {
				descriptor: blob,
				sources: (homes.get(digest) ?? []).slice(0, 3),
				open: (start, end) => {
					sent = start;
					return openPart(blobPath(store, digest), { start, end }, bytes => {
						sent += bytes;
						progress(sent);
					});
				},
				...(chunkSize === undefined ? {} : { chunkSize }),
			});
			onLayer({ digest, state: result, received: size, size });
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function openPart(
	path: string,
	{ start, end }: { readonly start: number; readonly end: number },
	onRead: (bytes: number) => void,
): Readable {
	const stream = createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 18 });
	// counted where it is taken, without making it flow before that
	const push = stream.push.bind(stream);
	stream.push = (chunk, encoding) => {
		if (chunk instanceof Uint8Array) onRead(chunk.length);
		return push(chunk, encoding);
	};
	return stream;
}
