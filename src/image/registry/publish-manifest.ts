import { createHash } from 'node:crypto';
import { parseDigest } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { asArray, asObject, parseDocument, property, required, stringAt, stringMapAt } from '../../oci/json-field.ts';
import { kindOfMediaType, OCI_INDEX } from '../../oci/media-types.ts';
import { parseDescriptor } from '../../oci/parse-descriptor.ts';
import { referrersTag } from '../../oci/referrers-tag.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { type ManifestToPush, pushManifest } from './push-manifest.ts';
import type { Session } from './session.ts';

/**
 * Puts a manifest or index, and where it refers to another and the registry does not know of that, into the list of what refers to it
 * (distribution-spec 1.1, "Pushing Manifests with Subject").
 * @throws TsrunError
 */
export async function publishManifest(session: Session, manifest: ManifestToPush): Promise<void> {
	const { descriptor, bytes } = manifest;
	const { keepsSubject } = await pushManifest(session, manifest);
	const root = parseDocument(bytes, `manifest ${descriptor.digest}`);
	const subject = property(root, 'subject');
	if (subject === undefined || keepsSubject) return;
	const config = property(root, 'config');
	const artifactType = stringAt(root, 'artifactType') || (config === undefined ? '' : stringAt(config, 'mediaType'));
	const annotations = stringMapAt(root, 'annotations');
	const { mediaType, digest, size } = descriptor;
	await addToList(session, referrersTag(parseDescriptor(subject).digest), {
		mediaType,
		digest,
		size,
		...(artifactType === '' ? {} : { artifactType }),
		...(annotations === undefined ? {} : { annotations }),
	});
}

/** Whatever else the list has, stays as it is. */
async function addToList(session: Session, tag: string, entry: Descriptor): Promise<void> {
	const list = await listAt(session, tag);
	const field = { value: list, pointer: '', document: `list ${tag}` };
	const listed = asArray(required(field, 'manifests'));
	if (listed.some(other => parseDescriptor(other).digest === entry.digest)) return;
	const bytes = Buffer.from(JSON.stringify({ ...list, manifests: [...listed.map(({ value }) => value), entry] }));
	const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
	await pushManifest(session, {
		descriptor: { mediaType: OCI_INDEX, digest, size: bytes.length },
		bytes,
		version: tag,
	});
}

async function listAt(session: Session, tag: string): Promise<Readonly<Record<string, unknown>>> {
	try {
		const { descriptor, bytes } = await fetchManifest(session, tag);
		if (kindOfMediaType(descriptor.mediaType) === 'index') return asObject(parseDocument(bytes, `list ${tag}`));
		throw new TsrunError('TSRUN_REGISTRY', `${session.subject}: tag ${tag} is an image, where a list should be`);
	} catch (error) {
		if (!(error instanceof TsrunError) || error.code !== 'TSRUN_NO_IMAGE') throw error;
		return { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] };
	}
}
