import { TsrunError } from '../core/errors.ts';
import type { Artifact, Descriptor, Index, Manifest } from './image-spec.ts';
import {
	asArray,
	badField,
	type JsonField,
	parseDocument,
	property,
	required,
	stringAt,
	stringMapAt,
} from './json-field.ts';
import { kindOfMediaType } from './media-types.ts';
import { parseDescriptor } from './parse-descriptor.ts';

/** Overlay takes at most 500 lower directories; docker stops at 127 layers. */
const MAX_LAYERS = 500;
const MAX_MANIFESTS = 10_000;

/** image-spec 1.1, manifest.md; also Docker's schema 2. @throws TsrunError TSRUN_BAD_IMAGE, TSRUN_NOT_AN_IMAGE */
export function parseManifest(bytes: Uint8Array, document: string): Manifest {
	const { artifactType: _, subject: _subject, isImage: _isImage, ...manifest } = parseArtifact(bytes, document);
	requireImage(document, [manifest.config], 'config');
	requireImage(document, manifest.layers, 'layer');
	return manifest;
}

/** A manifest that need not be an image's. @throws TsrunError TSRUN_BAD_IMAGE */
export function parseArtifact(bytes: Uint8Array, document: string): Artifact {
	const root = parseDocument(bytes, document);
	const common = parseCommon(root, 'manifest');
	const layers = asArray(required(root, 'layers'), MAX_LAYERS).map(parseDescriptor);
	const config = parseDescriptor(required(root, 'config'));
	const subject = property(root, 'subject');
	return {
		...common,
		config,
		layers,
		artifactType: stringAt(root, 'artifactType') || config.mediaType,
		...(subject === undefined ? {} : { subject: parseDescriptor(subject) }),
		isImage:
			kindOfMediaType(config.mediaType) === 'config' &&
			layers.every(({ mediaType }) => kindOfMediaType(mediaType) === 'layer'),
	};
}

/** image-spec 1.1, image-index.md; also Docker's manifest list. @throws TsrunError TSRUN_BAD_IMAGE */
export function parseIndex(bytes: Uint8Array, document: string): Index {
	const root = parseDocument(bytes, document);
	const common = parseCommon(root, 'index');
	return { ...common, manifests: asArray(required(root, 'manifests'), MAX_MANIFESTS).map(parseDescriptor) };
}

/**
 * What both kinds have in common. A document that can be read as either is refused, and so is one whose own media type
 * contradicts the reading (CVE-2021-41190).
 */
function parseCommon(root: JsonField, kind: 'manifest' | 'index'): Omit<Index, 'manifests'> {
	const version = required(root, 'schemaVersion');
	if (version.value !== 2) throw badField(version, '2');
	const isBoth = property(root, 'manifests') !== undefined && (property(root, 'layers') ?? property(root, 'config'));
	if (isBoth) throw badField(root, 'a manifest or an index, not both');
	const mediaType = stringAt(root, 'mediaType');
	if (mediaType !== '' && kindOfMediaType(mediaType) !== kind) {
		throw badField(required(root, 'mediaType'), `the media type of ${kind === 'index' ? 'an index' : 'a manifest'}`);
	}
	const annotations = stringMapAt(root, 'annotations');
	return {
		schemaVersion: 2,
		...(mediaType === '' ? {} : { mediaType }),
		...(annotations === undefined ? {} : { annotations }),
	};
}

function requireImage(document: string, descriptors: readonly Descriptor[], kind: 'config' | 'layer'): void {
	const odd = descriptors.find(descriptor => kindOfMediaType(descriptor.mediaType) !== kind);
	if (odd === undefined) return;
	throw new TsrunError('TSRUN_NOT_AN_IMAGE', `${document} has a ${kind} of type ${JSON.stringify(odd.mediaType)}`, {
		hint: 'it is an artifact of another kind, not a container image that can be run',
	});
}
