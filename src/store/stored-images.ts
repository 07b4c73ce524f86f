import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { choosePlatform, hostPlatform, isForPlatform } from '../image/choose-platform.ts';
import { normaliseName } from '../image/parse-reference.ts';
import type { Artifact, Descriptor, Manifest } from '../oci/image-spec.ts';
import { kindOfMediaType, REF_NAME } from '../oci/media-types.ts';
import { parseArtifact, parseIndex, parseManifest } from '../oci/parse-manifest.ts';
import { changeIndexFile, readIndexFile } from './index-file.ts';
import type { Store } from './open-store.ts';
import { isReferrersList } from './stored-referrers.ts';
import { hasBlob, readBlob } from './write-blob.ts';

/** What names an image in the store: a name with its tag, the manifest's digest, or the beginning of an id. */
export interface StoredName {
	readonly name: string;
	readonly digest?: Digest;
	readonly idPrefix?: string;
	/** As the user wrote it. */
	readonly text: string;
}

/** An image of the store under one name: the descriptor of its manifest. */
export interface StoredEntry extends Descriptor {
	/** What index.json has, where that is not the manifest: an index of several platforms, which another tool put there. */
	readonly listed?: Digest;
}

/** The images of the store, one entry for each name; an entry without the annotation has no name. */
export function listEntries(store: Store): readonly StoredEntry[] {
	return readIndexFile(store).manifests.flatMap(entry => {
		if (isReferrersList(entry)) return [];
		const kind = kindOfMediaType(entry.mediaType);
		return kind === 'manifest' ? [entry] : kind === 'index' ? platformEntry(store, entry) : [];
	});
}

/** In its one spelling, whoever wrote it. */
export function nameOf({ annotations }: Descriptor): string | undefined {
	const name = annotations?.[REF_NAME];
	// one that was pulled by its digest: it has no tag
	if (name === undefined || name.includes('@')) return name;
	try {
		return normaliseName(name);
	} catch {
		return name;
	}
}

/** @throws TsrunError TSRUN_STORE, TSRUN_BAD_IMAGE */
export function readManifest(store: Store, digest: Digest): Manifest {
	return parseManifest(readBlob(store, digest), `manifest ${digest}`);
}

/** A manifest that need not be an image's. @throws TsrunError TSRUN_STORE, TSRUN_BAD_IMAGE */
export function readArtifact(store: Store, digest: Digest): Artifact {
	return parseArtifact(readBlob(store, digest), `manifest ${digest}`);
}

/**
 * Finds an image by name, or by the beginning of its id (the config's digest, as docker has it) or of its manifest's digest.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_AMBIGUOUS_IMAGE
 */
export function findEntry(store: Store, wanted: StoredName): StoredEntry {
	const entries = listEntries(store);
	const named =
		entries.find(({ annotations }) => annotations?.[REF_NAME] === wanted.name) ??
		entries.find(entry => nameOf(entry) === wanted.name);
	if (named !== undefined && (wanted.digest === undefined || isDigestOf(named, wanted.digest))) return named;
	if (wanted.digest !== undefined) {
		const { digest } = wanted;
		const repository = repositoryOf(wanted.name);
		const digested = entries.find(
			entry => isDigestOf(entry, digest) && repositoryOf(nameOf(entry) ?? wanted.name) === repository,
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

/** A second name for an image. @throws TsrunError TSRUN_NO_IMAGE */
export async function tagImage(store: Store, source: StoredName, name: string): Promise<void> {
	await putEntry(store, findEntry(store, source), name);
}

/** Of a name with its tag or its digest. */
export function repositoryOf(name: string): string {
	const at = name.indexOf('@');
	return name.slice(0, at === -1 ? name.lastIndexOf(':') : at);
}

function withoutName({ annotations: _, ...entry }: Descriptor): Descriptor {
	return entry;
}

/** Of the platforms that are there, this host's, or the first. */
function platformEntry(store: Store, entry: Descriptor): readonly StoredEntry[] {
	if (!hasBlob(store, entry)) return [];
	const { manifests } = parseIndex(readBlob(store, entry.digest), `index ${entry.digest}`);
	const present = manifests.filter(
		manifest =>
			kindOfMediaType(manifest.mediaType) === 'manifest' && isForPlatform(manifest) && hasBlob(store, manifest),
	);
	const chosen = chooseOrFirst(present);
	if (chosen === undefined) return [];
	const { annotations = {} } = entry;
	return [{ ...chosen, annotations, listed: entry.digest }];
}

function chooseOrFirst(manifests: readonly Descriptor[]): Descriptor | undefined {
	try {
		return choosePlatform(manifests, { host: hostPlatform(process.arch) });
	} catch {
		return manifests[0];
	}
}

function isDigestOf(entry: StoredEntry, digest: Digest): boolean {
	return entry.digest === digest || entry.listed === digest;
}

function findById(store: Store, entries: readonly StoredEntry[], prefix: string): StoredEntry | undefined {
	const matching = entries.filter(
		({ digest }) => hexOf(digest).startsWith(prefix) || configHex(store, digest)?.startsWith(prefix) === true,
	);
	if (new Set(matching.map(({ digest }) => digest)).size < 2) return matching[0];
	throw new TsrunError('TSRUN_AMBIGUOUS_IMAGE', `image id ${prefix} stands for ${matching.length} images`, {
		hint: 'write more of its digits',
	});
}

/** Undefined of an image whose manifest is damaged, or removed at this moment: that must not hide all others. */
function configHex(store: Store, manifest: Digest): string | undefined {
	try {
		return hexOf(readManifest(store, manifest).config.digest);
	} catch {
		return undefined;
	}
}

function hexOf(digest: Digest): string {
	return splitDigest(digest).hex;
}

function hintFor({ name, text }: StoredName, names: readonly string[]): string {
	const sibling = names.filter(other => repositoryOf(other) === repositoryOf(name));
	if (sibling.length > 0) return `the store has ${sibling.join(', ')}`;
	if (/^[./]|\.(tar|tgz)$/.test(text))
		return 'for a file or directory write oci:DIR, oci-archive:FILE or docker-archive:FILE';
	return names.length === 0 ? 'the store is empty: load an image with tsrun load' : `tsrun images lists what there is`;
}
