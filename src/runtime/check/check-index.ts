import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/brands.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { asArray, parseDocument, property } from '../../oci/json-field.ts';
import { kindOfMediaType, OCI_MANIFEST } from '../../oci/media-types.ts';
import { parseDescriptor } from '../../oci/parse-descriptor.ts';
import { LAYOUT_DOCUMENT, parseLayout } from '../../oci/parse-layout.ts';
import { parseManifest } from '../../oci/parse-manifest.ts';
import { changeIndexFile, readIndexFile, replaceIndexFile } from '../../store/index-file.ts';
import { blobPath, type Store } from '../../store/open-store.ts';
import type { ImageUse } from '../../store/remove-entries.ts';
import { nameOf } from '../../store/stored-images.ts';
import { readBlob } from '../../store/write-blob.ts';
import { contentOf, imageUses, isBlob, listBlobs } from '../store-content.ts';
import { type Finding, found } from './finding.ts';

/** Looks at the two files that make a directory an image layout, and at what the entries of index.json stand for. */
export async function checkIndex(
	store: Store,
	isRepairing: boolean,
	bad: ReadonlySet<Digest>,
): Promise<readonly Finding[]> {
	return [
		...(await checkLayoutFile(store, isRepairing)),
		...(await checkIndexFile(store, isRepairing, bad)),
		...(await checkEntries(store, isRepairing, bad)),
	];
}

async function checkLayoutFile(store: Store, isRepairing: boolean): Promise<readonly Finding[]> {
	const path = join(store.images, 'oci-layout');
	try {
		parseLayout(readFileSync(path), path);
		return [];
	} catch (error) {
		const perform = (): void => writeFileSync(path, LAYOUT_DOCUMENT, { mode: 0o600 });
		const finding = { kind: 'damage', what: 'images/oci-layout', problem: (error as Error).message } as const;
		return [await found(finding, isRepairing, { text: 'written anew', perform })];
	}
}

/** Entries that can be read are kept; where none can, every manifest among the blobs becomes one, without a name. */
async function checkIndexFile(
	store: Store,
	isRepairing: boolean,
	bad: ReadonlySet<Digest>,
): Promise<readonly Finding[]> {
	try {
		readIndexFile(store);
		return [];
	} catch (error) {
		const finding = { kind: 'damage', what: 'images/index.json', problem: (error as Error).message } as const;
		const entries = readableEntries(store) ?? manifestsAmong(store, bad);
		const text = `written anew with ${entries.length} entries`;
		return [await found(finding, isRepairing, { text, perform: () => replaceIndexFile(store, entries) })];
	}
}

function readableEntries(store: Store): readonly Descriptor[] | undefined {
	try {
		const path = join(store.images, 'index.json');
		const manifests = property(parseDocument(readFileSync(path), path), 'manifests');
		if (manifests === undefined) return undefined;
		return asArray(manifests).flatMap(entry => {
			try {
				return [parseDescriptor(entry)];
			} catch {
				return [];
			}
		});
	} catch {
		return undefined;
	}
}

function manifestsAmong(store: Store, bad: ReadonlySet<Digest>): readonly Descriptor[] {
	return listBlobs(store).flatMap(digest => {
		if (bad.has(digest)) return [];
		const size = statSync(blobPath(store, digest), { throwIfNoEntry: false })?.size;
		if (size === undefined || size > 1 << 20) return [];
		try {
			const { mediaType = OCI_MANIFEST } = parseManifest(readBlob(store, digest), digest);
			return [{ mediaType, digest, size }];
		} catch {
			return [];
		}
	});
}

async function checkEntries(store: Store, isRepairing: boolean, bad: ReadonlySet<Digest>): Promise<readonly Finding[]> {
	let entries: readonly Descriptor[] = [];
	try {
		entries = readIndexFile(store).manifests;
	} catch {
		return [];
	}
	const uses = imageUses(store);
	const findings: Finding[] = [];
	for (const entry of entries) {
		const problem = problemOf(store, entry, bad);
		// an image that another command has removed meanwhile lacks nothing
		if (problem === undefined || !isThere(store, entry)) continue;
		const what = `image ${nameOf(entry) ?? entry.digest}`;
		findings.push(await found({ kind: 'damage', what, problem }, isRepairing, removal(store, entry, uses)));
	}
	return findings;
}

function isThere(store: Store, entry: Descriptor): boolean {
	return readIndexFile(store).manifests.some(other => other.digest === entry.digest && nameOf(other) === nameOf(entry));
}

/** A container needs the layers that its image still has, and not its blobs. */
function removal(store: Store, entry: Descriptor, uses: readonly ImageUse[]): Parameters<typeof found>[2] {
	const user = uses.find(({ digest }) => digest === entry.digest);
	if (user !== undefined) return { impossible: `${user.what} was made from it; load the image again` };
	return {
		text: 'removed; load the image again',
		perform: () =>
			changeIndexFile(store, entries =>
				entries.filter(other => other.digest !== entry.digest || nameOf(other) !== nameOf(entry)),
			),
	};
}

function problemOf(store: Store, entry: Descriptor, bad: ReadonlySet<Digest>): string | undefined {
	if (!['manifest', 'index'].includes(kindOfMediaType(entry.mediaType))) return undefined;
	const isGood = (digest: Digest): boolean => existsSync(blobPath(store, digest)) && !bad.has(digest);
	if (!isGood(entry.digest)) return `has no manifest: blob ${entry.digest} is damaged or missing`;
	const size = statSync(blobPath(store, entry.digest), { throwIfNoEntry: false })?.size;
	if (size !== entry.size) return `has a manifest of ${size ?? 'no'} bytes, where index.json says ${entry.size}`;
	try {
		const missing = contentOf(store, entry)
			.filter(isBlob)
			.find(digest => !isGood(digest));
		return missing === undefined ? undefined : `is not complete: blob ${missing} is damaged or missing`;
	} catch (error) {
		return `cannot be read: ${(error as Error).message}`;
	}
}
