import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { asArray, asString, MAX_DOCUMENT_BYTES, parseDocument, required, stringsAt } from '../oci/json-field.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP, OCI_MANIFEST } from '../oci/media-types.ts';
import { parseImageConfig } from '../oci/parse-image-config.ts';
import type { ImageSource } from './image-source.ts';
import { member, openMember } from './oci-archive.ts';
import type { Archive, Member } from './open-archive.ts';
import type { Wanted } from './open-source.ts';
import { normaliseName } from './parse-reference.ts';

/** One image of the `manifest.json` of `docker save`. */
interface SavedImage {
	readonly config: string;
	readonly repoTags: readonly string[];
	readonly layers: readonly string[];
}

/**
 * Images in the output of `docker save`. Their manifests are made here from the members, so that the store holds OCI images;
 * the digest of a plain layer is the diffID of the config and is verified when the layer is read.
 * @throws TsrunError
 */
export async function readDockerArchive(archive: Archive, wanted: Wanted): Promise<readonly ImageSource[]> {
	const saved = readSaved(archive);
	const sources: ImageSource[] = [];
	for (const image of wanted.all ? saved : [chooseSaved(saved, wanted)]) {
		sources.push(await describe(archive, image, wanted));
	}
	return sources;
}

async function describe(archive: Archive, saved: SavedImage, reference: Wanted): Promise<ImageSource> {
	const configBytes = archive.read(member(archive, saved.config), MAX_DOCUMENT_BYTES);
	const config = parseImageConfig(configBytes, `${reference.path}: ${saved.config}`);
	if (config.rootfs.diffIds.length !== saved.layers.length) {
		const counts = `${saved.layers.length} layers, its config ${config.rootfs.diffIds.length}`;
		throw new TsrunError('TSRUN_BAD_IMAGE', `image ${saved.config} of ${reference.path} has ${counts}`);
	}
	const members = new Map<Digest, Member>();
	const layers: Descriptor[] = [];
	for (const [index, diffId] of config.rootfs.diffIds.entries()) {
		const found = member(archive, saved.layers[index] ?? '');
		const isGzip =
			found.size > 2 && archive.read({ offset: found.offset, size: 2 }, 2).equals(Buffer.from([0x1f, 0x8b]));
		const digest = isGzip ? await digestOf(archive, found) : diffId;
		members.set(digest, found);
		layers.push({ mediaType: isGzip ? OCI_LAYER_GZIP : OCI_LAYER, digest, size: found.size });
	}
	const documents = new Map<Digest, Buffer>();
	const put = (mediaType: string, bytes: Buffer): Descriptor => {
		const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
		documents.set(digest, bytes);
		return { mediaType, digest, size: bytes.length };
	};
	const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: put(OCI_CONFIG, configBytes), layers };
	return {
		description: reference.text,
		candidates: [put(OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)))],
		names: saved.repoTags.map(normaliseName),
		readBlob: (digest, limit) => documents.get(digest) ?? archive.read(layerMember(members, digest), limit),
		openBlob: digest => openMember(archive, layerMember(members, digest)),
		locateBlob: digest => archive.locate(layerMember(members, digest)),
	};
}

function readSaved(archive: Archive): readonly SavedImage[] {
	const bytes = archive.read(member(archive, 'manifest.json'), MAX_DOCUMENT_BYTES);
	return asArray(parseDocument(bytes, `${archive.path}: manifest.json`)).map(image => ({
		config: asString(required(image, 'Config')),
		repoTags: stringsAt(image, 'RepoTags'),
		layers: asArray(required(image, 'Layers'), 500).map(asString),
	}));
}

function chooseSaved(images: readonly SavedImage[], { ref, text }: Wanted): SavedImage {
	const wanted = ref === undefined ? undefined : normaliseName(ref);
	const matching = images.filter(
		({ repoTags }) => wanted === undefined || repoTags.map(normaliseName).includes(wanted),
	);
	if (matching.length === 1 && matching[0] !== undefined) return matching[0];
	const tags = images.flatMap(({ repoTags }) => repoTags);
	const hint = tags.length === 0 ? 'its images have no names' : `it holds ${tags.join(', ')}`;
	if (matching.length === 0) throw new TsrunError('TSRUN_NO_IMAGE', `no image for ${text}`, { hint });
	throw new TsrunError('TSRUN_AMBIGUOUS_IMAGE', `${text} holds ${matching.length} images`, {
		hint: `choose one by its name; ${hint}`,
	});
}

async function digestOf(archive: Archive, found: Member): Promise<Digest> {
	const hash = createHash('sha256');
	for await (const chunk of openMember(archive, found)) hash.update(chunk as Buffer);
	return parseDigest(`sha256:${hash.digest('hex')}`);
}

function layerMember(members: ReadonlyMap<Digest, Member>, digest: Digest): Member {
	const found = members.get(digest);
	if (found === undefined) throw new TsrunError('TSRUN_BAD_ARCHIVE', `blob ${digest} is not in the archive`);
	return found;
}
