import { TsrunError } from '../core/errors.ts';
import type { Descriptor, Index } from '../oci/image-spec.ts';
import { CONTAINERD_NAME, kindOfMediaType, REF_NAME } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { choosePlatform, type PlatformChoice } from './choose-platform.ts';
import { type ImageSource, readDocument } from './image-source.ts';
import { normaliseName } from './parse-reference.ts';

/** How deep an index may point to further indexes (CVE-2026-53493). */
const MAX_INDEX_DEPTH = 3;

/**
 * The entries of an index that a reference stands for: those of one name, or all when they are one image.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_AMBIGUOUS_IMAGE, naming what exists
 */
export function selectByRef(index: Index, ref: string | undefined, description: string): readonly Descriptor[] {
	const images = imagesOf(index);
	const names = [...new Set(images.flatMap(namesOf))];
	const listed = names.length === 0 ? 'its images have no names' : `it holds ${names.join(', ')}`;
	if (ref !== undefined) {
		const named = images.filter(image => image.digest === ref || namesOf(image).some(name => isSameName(name, ref)));
		if (named.length > 0) return named;
		throw new TsrunError('TSRUN_NO_IMAGE', `no image ${JSON.stringify(ref)} in ${description}`, { hint: listed });
	}
	if (images.length === 0) throw new TsrunError('TSRUN_NO_IMAGE', `no image in ${description}`);
	if (isOne(images)) return images;
	throw new TsrunError('TSRUN_AMBIGUOUS_IMAGE', `${description} holds ${images.length} images`, {
		hint: `choose one by its name, as in ${description}:NAME; ${listed}`,
	});
}

/**
 * The entries of an index, image by image: those of one name together, which is one for each platform, and one of several names once.
 * @throws TsrunError TSRUN_NO_IMAGE
 */
export function selectAll(index: Index, description: string): readonly (readonly Descriptor[])[] {
	const images = imagesOf(index);
	if (images.length === 0) throw new TsrunError('TSRUN_NO_IMAGE', `no image in ${description}`);
	if (isOne(images)) return [images];
	const byName = groups(images, image => namesOf(image)[0] ?? image.digest);
	const same = groups(byName, group =>
		group
			.map(({ digest }) => digest)
			.sort()
			.join(),
	);
	return same.map(each => each.flat());
}

function groups<T>(things: readonly T[], keyOf: (thing: T) => string): readonly (readonly T[])[] {
	const found = new Map<string, T[]>();
	for (const thing of things) found.set(keyOf(thing), [...(found.get(keyOf(thing)) ?? []), thing]);
	return [...found.values()];
}

function imagesOf(index: Index): readonly Descriptor[] {
	return index.manifests.filter(({ mediaType }) => ['manifest', 'index'].includes(kindOfMediaType(mediaType)));
}

/** One manifest, or one for each platform. */
function isOne(images: readonly Descriptor[]): boolean {
	const names = new Set(images.flatMap(namesOf));
	const digests = new Set(images.map(({ digest }) => digest));
	// attestations have the platform unknown/unknown
	const platforms = images.flatMap(({ platform }) => (platform?.os === 'unknown' ? [] : (platform ?? 'none')));
	const areDifferent = new Set(platforms.map(platform => JSON.stringify(platform))).size === platforms.length;
	return digests.size === 1 || (names.size <= 1 && !platforms.includes('none') && areDifferent);
}

/** Goes from what a reference stands for, through indexes, to one manifest for the platform. */
export function selectManifest(source: ImageSource, choice: PlatformChoice): Descriptor {
	let candidates = source.candidates;
	for (let depth = 0; depth <= MAX_INDEX_DEPTH; depth++) {
		const chosen =
			candidates.length === 1 && candidates[0] !== undefined ? candidates[0] : choosePlatform(candidates, choice);
		if (kindOfMediaType(chosen.mediaType) === 'manifest') return chosen;
		if (kindOfMediaType(chosen.mediaType) !== 'index') {
			throw new TsrunError(
				'TSRUN_NOT_AN_IMAGE',
				`${source.description} has the type ${JSON.stringify(chosen.mediaType)}`,
			);
		}
		candidates = parseIndex(readDocument(source, chosen), `index ${chosen.digest}`).manifests;
	}
	throw new TsrunError(
		'TSRUN_BAD_IMAGE',
		`${source.description} nests indexes more than ${MAX_INDEX_DEPTH} levels deep`,
	);
}

/** The names that an index gives one of its entries. */
export function namesOf({ annotations }: Descriptor): readonly string[] {
	return [annotations?.[CONTAINERD_NAME], annotations?.[REF_NAME]].filter(name => name !== undefined);
}

function isSameName(name: string, ref: string): boolean {
	return name === ref || normalisedOrNothing(name) === (normalisedOrNothing(ref) ?? '');
}

function normalisedOrNothing(name: string): string | undefined {
	try {
		return normaliseName(name);
	} catch (error) {
		if (error instanceof TsrunError) return undefined;
		throw error;
	}
}
