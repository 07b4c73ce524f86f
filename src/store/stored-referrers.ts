import type { Digest } from '../core/brands.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { kindOfMediaType, REF_NAME } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { isReferrersTag, referrersTag } from '../oci/referrers-tag.ts';
import { changeIndexFile, readIndexFile } from './index-file.ts';
import type { Store } from './open-store.ts';
import { hasBlob, readBlob } from './write-blob.ts';

/** Whether an entry of index.json is a list of what refers to an image, and no image. */
export function isReferrersList({ mediaType, annotations }: Descriptor): boolean {
	return kindOfMediaType(mediaType) === 'index' && isReferrersTag(annotations?.[REF_NAME] ?? '');
}

/** What the store has that refers to a manifest. */
export function storedReferrers(store: Store, subject: Digest): readonly Descriptor[] {
	const list = readIndexFile(store).manifests.find(
		entry => isReferrersList(entry) && tagOf(entry) === referrersTag(subject),
	);
	return list !== undefined && hasBlob(store, list) ? childrenOf(store, list) : [];
}

/** Takes the place of the list that there was; without a list, there is none any more. */
export async function putReferrersList(store: Store, subject: Digest, list: Descriptor | undefined): Promise<void> {
	const tag = referrersTag(subject);
	await changeIndexFile(store, entries => [
		...entries.filter(entry => !isReferrersList(entry) || tagOf(entry) !== tag),
		...(list === undefined ? [] : [{ ...list, annotations: { [REF_NAME]: tag } }]),
	]);
}

/** Entries of index.json without the lists whose subject no entry leads to. Where one cannot be read, all stay. */
export function withoutOrphanedLists(store: Store, entries: readonly Descriptor[]): readonly Descriptor[] {
	const lists = entries.filter(isReferrersList);
	if (lists.length === 0) return entries;
	try {
		const tags = new Set<string>();
		const note = (entry: Descriptor): void => {
			for (const { digest } of [entry, ...childrenOf(store, entry)]) tags.add(referrersTag(digest));
		};
		for (const entry of entries) if (!isReferrersList(entry)) note(entry);
		const wanted = new Set<Descriptor>();
		// a signature may be of an SBOM, whose list may come later
		for (let before = -1; before < wanted.size; ) {
			before = wanted.size;
			for (const list of lists) {
				if (wanted.has(list) || !tags.has(tagOf(list))) continue;
				wanted.add(list);
				note(list);
			}
		}
		return entries.filter(entry => !isReferrersList(entry) || wanted.has(entry));
	} catch {
		return entries;
	}
}

function childrenOf(store: Store, { mediaType, digest }: Descriptor): readonly Descriptor[] {
	return kindOfMediaType(mediaType) === 'index' ? parseIndex(readBlob(store, digest), `index ${digest}`).manifests : [];
}

function tagOf({ annotations }: Descriptor): string {
	return annotations?.[REF_NAME] ?? '';
}
