import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor, Manifest } from '../oci/image-spec.ts';
import { kindOfMediaType, REF_NAME } from '../oci/media-types.ts';
import { parseManifest } from '../oci/parse-manifest.ts';
import { changeIndexFile, readIndexFile } from './index-file.ts';
import type { Store } from './open-store.ts';
import { readBlob } from './write-blob.ts';

/** What names an image in the store: a name with its tag, the manifest's digest, or the beginning of an id. */
export interface StoredName {
	readonly name: string;
	readonly digest?: Digest;
	readonly idPrefix?: string;
	/** As the user wrote it. */
	readonly text: string;
}

/** The manifests of the store, one entry for each name; an entry without the annotation has no name. */
export function listEntries(store: Store): readonly Descriptor[] {
	return readIndexFile(store).manifests.filter(({ mediaType }) => kindOfMediaType(mediaType) === 'manifest');
}

export function nameOf({ annotations }: Descriptor): string | undefined {
	return annotations?.[REF_NAME];
}

export function readManifest(store: Store, digest: Digest): Manifest {
	return parseManifest(readBlob(store, digest), `manifest ${digest}`);
}

/**
 * Finds an image by name, or by the beginning of its id (the config's digest, as docker has it) or of its manifest's digest.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_AMBIGUOUS_IMAGE
 */
export function findEntry(store: Store, wanted: StoredName): Descriptor {
	const entries = listEntries(store);
	const named = entries.find(entry => nameOf(entry) === wanted.name);
	if (named !== undefined && (wanted.digest === undefined || wanted.digest === named.digest)) return named;
	if (wanted.digest !== undefined) {
		const repository = repositoryOf(wanted.name);
		const digested = entries.find(
			entry => entry.digest === wanted.digest && repositoryOf(nameOf(entry) ?? wanted.name) === repository,
		);
		if (digested !== undefined) return digested;
	}
	const found = wanted.idPrefix === undefined ? undefined : findById(store, entries, wanted.idPrefix);
	if (found !== undefined) return found;
	const names = entries.map(nameOf).filter(name => name !== undefined);
	throw new TsrunError('TSRUN_NO_IMAGE', `no image ${JSON.stringify(wanted.text)} in the store`, {
		hint: hintFor(wanted, names),
	});
}

/** Adds an entry, or moves its name to it. Without a name the image is only found by its id. */
export async function putEntry(store: Store, manifest: Descriptor, name: string | undefined): Promise<void> {
	const { mediaType, digest, size, platform } = manifest;
	const annotations = name === undefined ? {} : { annotations: { [REF_NAME]: name } };
	const entry: Descriptor = {
		mediaType,
		digest,
		size,
		...(platform === undefined ? {} : { platform }),
		...annotations,
	};
	await changeIndexFile(store, entries => {
		const isReplaced = (old: Descriptor): boolean =>
			name === undefined ? false : nameOf(old) === name || (nameOf(old) === undefined && old.digest === digest);
		if (name === undefined && entries.some(old => old.digest === digest)) return entries;
		const moved = entries.filter(old => nameOf(old) === name && old.digest !== digest && name !== undefined);
		const orphans = moved.filter(old => entries.filter(({ digest: other }) => other === old.digest).length === 1);
		return [...entries.filter(old => !isReplaced(old)), ...orphans.map(withoutName), entry];
	});
}

/** A second name for an image. */
export async function tagImage(store: Store, source: StoredName, name: string): Promise<void> {
	await putEntry(store, findEntry(store, source), name);
}

function withoutName({ annotations: _, ...entry }: Descriptor): Descriptor {
	return entry;
}

function findById(store: Store, entries: readonly Descriptor[], prefix: string): Descriptor | undefined {
	const matching = entries.filter(
		({ digest }) =>
			hexOf(digest).startsWith(prefix) || hexOf(readManifest(store, digest).config.digest).startsWith(prefix),
	);
	if (new Set(matching.map(({ digest }) => digest)).size < 2) return matching[0];
	throw new TsrunError('TSRUN_AMBIGUOUS_IMAGE', `image id ${prefix} stands for ${matching.length} images`, {
		hint: 'write more of its digits',
	});
}

function hexOf(digest: Digest): string {
	return splitDigest(digest).hex;
}

function repositoryOf(name: string): string {
	return name.slice(0, name.lastIndexOf(':'));
}

function hintFor({ name, text }: StoredName, names: readonly string[]): string {
	const sibling = names.filter(other => repositoryOf(other) === repositoryOf(name));
	if (sibling.length > 0) return `the store has ${sibling.join(', ')}`;
	if (/^[./]|\.(tar|tgz)$/.test(text))
		return 'for a file or directory write oci:DIR, oci-archive:FILE or docker-archive:FILE';
	return names.length === 0 ? 'the store is empty: load an image with tsrun load' : `tsrun images lists what there is`;
}
