import type { Digest } from '../core/brands.ts';
import { choosePlatform, type PlatformChoice } from '../image/choose-platform.ts';
import type { FullName } from '../image/registry/endpoints.ts';
import { headManifest } from '../image/registry/fetch-manifest.ts';
import type { Session } from '../image/registry/session.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { readIndexFile } from '../store/index-file.ts';
import { isWhole } from '../store/is-whole.ts';
import type { Store } from '../store/open-store.ts';
import { nameOf } from '../store/stored-images.ts';
import { readBlob } from '../store/write-blob.ts';

export interface Current {
	/** Of what the name stands for, in the store and at the registry. */
	readonly digest: Digest;
	readonly manifest: Descriptor;
}

/**
 * What the store has under a name, when all of it is there and the registry has nothing newer. The registry is asked also about a
 * digest, since who may no longer have an image should notice; and nothing when the image must come anyway.
 * @throws TsrunError
 */
export async function findCurrent(
	store: Store,
	{ session, name }: { readonly session: Session; readonly name: FullName },
	{ choice, allPlatforms }: { readonly choice: PlatformChoice; readonly allPlatforms: boolean },
): Promise<Current | undefined> {
	const top = readIndexFile(store).manifests.find(entry => nameOf(entry) === name.name);
	const manifest = top === undefined ? undefined : chosenOf(store, top, choice);
	if (top === undefined || manifest === undefined) return undefined;
	try {
		if (!isWhole(store, allPlatforms ? top : manifest)) return undefined;
	} catch {
		// damaged, or removed at this moment: it comes anew
		return undefined;
	}
	return (await headManifest(session, name.version)) === top.digest ? { digest: top.digest, manifest } : undefined;
}

function chosenOf(store: Store, top: Descriptor, choice: PlatformChoice): Descriptor | undefined {
	if (kindOfMediaType(top.mediaType) !== 'index') return top;
	try {
		return choosePlatform(parseIndex(readBlob(store, top.digest), `index ${top.digest}`).manifests, choice);
	} catch {
		return undefined;
	}
}
