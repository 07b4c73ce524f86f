import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { choosePlatform, type PlatformChoice } from '../image/choose-platform.ts';
import type { ImageSource } from '../image/image-source.ts';
import { downloadBlob } from '../image/registry/download-blob.ts';
import { type FetchedManifest, fetchManifest } from '../image/registry/fetch-manifest.ts';
import type { Session } from '../image/registry/session.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/json-field.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseIndex, parseManifest } from '../oci/parse-manifest.ts';

/** How deep an index may point to further indexes (CVE-2026-53493). */
const MAX_INDEX_DEPTH = 3;

/** An image at a registry, of which the documents have come and the layers not. */
export interface RegistryImage {
	/** Of what the tag stands for. */
	readonly digest: Digest;
	readonly index?: { readonly descriptor: Descriptor; readonly bytes: Buffer };
	readonly manifest: Descriptor;
	/** Its documents; it has no layers. */
	readonly source: ImageSource;
}

/** @throws TsrunError */
export async function readRegistryImage(
	session: Session,
	version: string,
	choice: PlatformChoice,
): Promise<RegistryImage> {
	const first = await fetchManifest(session, version);
	const chosen = await goToManifest(session, first, choice);
	const documents = new Map<Digest, Buffer>([[chosen.descriptor.digest, chosen.bytes]]);
	const { config } = parseManifest(chosen.bytes, `manifest ${chosen.descriptor.digest}`);
	documents.set(config.digest, await fetchDocument(session, config));
	const isIndex = kindOfMediaType(first.descriptor.mediaType) === 'index';
	return {
		digest: first.descriptor.digest,
		...(isIndex ? { index: { descriptor: first.descriptor, bytes: first.bytes } } : {}),
		manifest: chosen.descriptor,
		source: sourceOf(session.subject, chosen.descriptor, documents),
	};
}

/** A whole config. Its digest is verified where it is read. @throws TsrunError TSRUN_BAD_IMAGE */
export async function fetchDocument(session: Session, document: Descriptor): Promise<Buffer> {
	const { digest, size } = document;
	if (size > MAX_DOCUMENT_BYTES) {
		throw new TsrunError(
			'TSRUN_BAD_IMAGE',
			`document ${digest} of ${session.subject} is ${size} bytes long, the limit is ${MAX_DOCUMENT_BYTES}`,
		);
	}
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of downloadBlob(session, document)) {
		chunks.push(chunk);
		length += chunk.length;
		if (length > size) break;
	}
	return Buffer.concat(chunks);
}

/** Through indexes, to the manifest for the platform. A descriptor's own platform stays with it. */
async function goToManifest(
	session: Session,
	first: FetchedManifest,
	choice: PlatformChoice,
): Promise<FetchedManifest> {
	let current = first;
	for (let depth = 0; depth <= MAX_INDEX_DEPTH; depth++) {
		const { descriptor, bytes } = current;
		if (kindOfMediaType(descriptor.mediaType) === 'manifest') return current;
		const wanted = choosePlatform(parseIndex(bytes, `index ${descriptor.digest}`).manifests, choice);
		const { descriptor: found, bytes: next } = await fetchManifest(session, wanted.digest);
		if (found.mediaType !== wanted.mediaType || found.size !== wanted.size) {
			throw new TsrunError(
				'TSRUN_BAD_IMAGE',
				`manifest ${wanted.digest} of ${session.subject} is ${found.size} bytes of ${JSON.stringify(found.mediaType)}, its index says ${wanted.size} of ${JSON.stringify(wanted.mediaType)}`,
			);
		}
		current = { descriptor: wanted, bytes: next };
	}
	throw new TsrunError('TSRUN_BAD_IMAGE', `${session.subject} nests indexes more than ${MAX_INDEX_DEPTH} levels deep`);
}

function sourceOf(description: string, manifest: Descriptor, documents: ReadonlyMap<Digest, Buffer>): ImageSource {
	const layerless = (digest: Digest): never => {
		throw new Error(`blob ${digest} is no document`);
	};
	return {
		description,
		candidates: [manifest],
		names: [],
		readBlob: digest => documents.get(digest) ?? layerless(digest),
		openBlob: layerless,
		locateBlob: layerless,
	};
}
