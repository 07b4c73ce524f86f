import { createHash } from 'node:crypto';
import { type Digest, parseDigest, splitDigest } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { MAX_DOCUMENT_BYTES, parseDocument, property, stringAt } from '../../oci/json-field.ts';
import { DOCKER_INDEX, DOCKER_MANIFEST, kindOfMediaType, OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import type { HttpResponse } from './http.ts';
import { networkFailure } from './network-failure.ts';
import { BUSY, backoff } from './patiently.ts';
import { readDocumentBody } from './read-document-body.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

export interface FetchedManifest {
	/** Of a manifest or an index; verified. */
	readonly descriptor: Descriptor;
	readonly bytes: Buffer;
}

const ACCEPT = [OCI_INDEX, DOCKER_INDEX, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');
/** What servers say of files that they know nothing of. */
const VAGUE = ['', 'application/json', 'text/plain', 'application/octet-stream'];

/**
 * The digest that a tag stands for now, where the registry tells it without sending the manifest. Where it does not, the manifest has
 * to be asked for, which also brings the registry's own words; one that is busy is not asked at once again.
 * @throws TsrunError
 */
export async function headManifest(session: Session, version: string): Promise<Digest | undefined> {
	const response = await session.request({
		method: 'HEAD',
		to: manifestPath(session, version),
		headers: { accept: ACCEPT },
	});
	await response.drop();
	if (response.status === 200) return digestHeader(response, { session, version });
	if (BUSY.includes(response.status)) throw await registryError(response, asked(session, version));
	return undefined;
}

/**
 * A manifest or index by tag or digest: at most 4 MiB, of the digest that was asked for or that the registry tells, and of one media
 * type both outside and inside (CVE-2021-41190).
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_BAD_IMAGE, TSRUN_BAD_BLOB, and what the registry refuses with
 */
export async function fetchManifest(session: Session, version: string): Promise<FetchedManifest> {
	const response = await getWhole(session, version);
	const bytes = response.bytes;
	const told = version.includes(':') ? parseDigest(version) : digestHeader(response, { session, version });
	const digest = told ?? digestOf(bytes, 'sha256');
	const actual = digestOf(bytes, splitDigest(digest).algorithm);
	const document = `manifest ${version} of ${session.subject}`;
	if (actual !== digest) {
		throw new TsrunError('TSRUN_BAD_BLOB', `${document} has the digest ${actual}, not ${digest}`, {
			hint: `registry ${session.endpoint.host} sent something else than it was asked for`,
		});
	}
	const mediaType = mediaTypeOf(bytes, response.header('content-type') ?? '', document);
	return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

/** Again from the start when the connection is lost: a manifest is short. */
async function getWhole(session: Session, version: string): Promise<HttpResponse & { readonly bytes: Buffer }> {
	for (let attempt = 1; ; attempt++) {
		const response = await session.request({
			method: 'GET',
			to: manifestPath(session, version),
			headers: { accept: ACCEPT },
		});
		if (response.status !== 200) throw await registryError(response, asked(session, version));
		try {
			const document = `manifest ${version} of ${session.subject}`;
			return { ...response, bytes: await readDocumentBody(response, { limit: MAX_DOCUMENT_BYTES, document }) };
		} catch (error) {
			if (error instanceof TsrunError || attempt >= session.patience.attempts) {
				throw networkFailure(error, { subject: session.subject, host: response.url.host });
			}
			await session.patience.wait(backoff(attempt, session.patience));
		}
	}
}

function mediaTypeOf(bytes: Buffer, contentType: string, document: string): string {
	const root = parseDocument(bytes, document);
	const inside = stringAt(root, 'mediaType');
	const outside = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
	if (inside !== '' && !VAGUE.includes(outside) && inside !== outside) {
		throw new TsrunError(
			'TSRUN_BAD_IMAGE',
			`${document} calls itself ${JSON.stringify(inside)}, the registry calls it ${JSON.stringify(outside)}`,
		);
	}
	const shape = property(root, 'manifests') === undefined ? OCI_MANIFEST : OCI_INDEX;
	const mediaType = inside || (VAGUE.includes(outside) ? shape : outside);
	if (['manifest', 'index'].includes(kindOfMediaType(mediaType))) return mediaType;
	throw new TsrunError('TSRUN_NOT_AN_IMAGE', `${document} has the type ${JSON.stringify(mediaType)}`, {
		hint: /manifest\.v1\+/.test(mediaType)
			? 'it is an image in a format that registries gave up in 2017: push it again with a tool of today'
			: 'it is an artifact of another kind, not a container image that can be run',
	});
}

function digestHeader(
	response: HttpResponse,
	{ session, version }: { readonly session: Session; readonly version: string },
): Digest | undefined {
	const header = response.header('docker-content-digest');
	if (header === undefined) return undefined;
	try {
		return parseDigest(header);
	} catch (cause) {
		throw new TsrunError(
			'TSRUN_BAD_DIGEST',
			`registry ${session.endpoint.host} tells ${JSON.stringify(header.slice(0, 160))} as the digest of ${session.subject} (${version})`,
			{ cause },
		);
	}
}

function digestOf(bytes: Buffer, algorithm: 'sha256' | 'sha512'): Digest {
	return parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}

function manifestPath({ endpoint }: Session, version: string): string {
	return `${endpoint.repository}/manifests/${version}`;
}

function asked({ subject, endpoint }: Session, version: string) {
	return { subject, host: endpoint.host, what: `manifest ${version}` };
}
