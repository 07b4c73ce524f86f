import type { Digest } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { MAX_DOCUMENT_BYTES } from '../../oci/json-field.ts';
import { kindOfMediaType, OCI_INDEX } from '../../oci/media-types.ts';
import { parseIndex } from '../../oci/parse-manifest.ts';
import { referrersTag } from '../../oci/referrers-tag.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { readDocumentBody } from './read-document-body.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

/** Far more than anybody signs an image. */
const MAX_PAGES = 100;
const MAX_REFERRERS = 1000;

export interface Referrers {
	readonly manifests: readonly Descriptor[];
	/** Whether the registry keeps the list itself; where not, who pushes does, under the tag of `referrersTag`. */
	readonly isKeptByRegistry: boolean;
}

/**
 * The manifests whose subject is `subject`: signatures, SBOMs (distribution-spec 1.1, "Listing Referrers"). A registry that does not
 * know the question has the list, if at all, under a tag. None is no error.
 * @param artifactType only those of this type
 * @throws TsrunError
 */
export async function listReferrers(session: Session, subject: Digest, artifactType?: string): Promise<Referrers> {
	const first = await askForPage(session, firstPage(session, subject, artifactType), subject);
	const all = first === undefined ? await listByTag(session, subject) : await followPages(session, first, subject);
	const manifests = artifactType === undefined ? all : all.filter(each => each.artifactType === artifactType);
	return { manifests, isKeptByRegistry: first !== undefined };
}

interface Page {
	readonly manifests: readonly Descriptor[];
	readonly next: URL | undefined;
}

function firstPage({ endpoint }: Session, subject: Digest, artifactType: string | undefined): string {
	const filter = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
	return `${endpoint.repository}/referrers/${subject}${filter}`;
}

async function followPages(session: Session, first: Page, subject: Digest): Promise<readonly Descriptor[]> {
	const manifests = [...first.manifests];
	const seen = new Set<string>();
	for (let next = first.next; next !== undefined; ) {
		if (seen.has(next.href) || seen.size >= MAX_PAGES || manifests.length > MAX_REFERRERS) {
			throw new TsrunError(
				'TSRUN_REGISTRY',
				`${session.subject}: registry ${session.endpoint.host} lists what refers to ${subject} without end`,
			);
		}
		seen.add(next.href);
		const page = await askForPage(session, next, subject);
		manifests.push(...(page?.manifests ?? []));
		next = page?.next;
	}
	return manifests;
}

/** Undefined where the registry does not know the question, or answers with something else than a list. */
async function askForPage(session: Session, to: string | URL, subject: Digest): Promise<Page | undefined> {
	const response = await session.request({ method: 'GET', to, headers: { accept: OCI_INDEX } });
	const type = (response.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
	if ([400, 404, 405, 501].includes(response.status) || (response.status === 200 && type !== OCI_INDEX)) {
		await response.drop();
		return undefined;
	}
	const what = `the referrers of ${subject}`;
	if (response.status !== 200) {
		throw await registryError(response, { subject: session.subject, host: session.endpoint.host, what });
	}
	const bytes = await readDocumentBody(response, {
		limit: MAX_DOCUMENT_BYTES,
		document: `${what} at ${session.subject}`,
	});
	return {
		manifests: parseIndex(bytes, what).manifests,
		next: nextPage(session, response.header('link'), response.url),
	};
}

/** RFC 8288. A page elsewhere would be another registry's word. */
function nextPage({ subject, endpoint }: Session, link: string | undefined, asked: URL): URL | undefined {
	const target = /<([^>]*)>\s*;[^<]*\brel\s*=\s*"?next\b/i.exec(link ?? '')?.[1];
	if (target === undefined) return undefined;
	const next = URL.canParse(target, asked.href) ? new URL(target, asked) : undefined;
	if (next?.origin === asked.origin) return next;
	throw new TsrunError(
		'TSRUN_REGISTRY',
		`${subject}: registry ${endpoint.host} has the next page of a list at ${JSON.stringify(target.slice(0, 100))}`,
	);
}

async function listByTag(session: Session, subject: Digest): Promise<readonly Descriptor[]> {
	try {
		const { descriptor, bytes } = await fetchManifest(session, referrersTag(subject));
		// an image may have that tag by chance
		if (kindOfMediaType(descriptor.mediaType) !== 'index') return [];
		return parseIndex(bytes, `the referrers of ${subject}`).manifests.slice(0, MAX_REFERRERS);
	} catch (error) {
		if (error instanceof TsrunError && error.code === 'TSRUN_NO_IMAGE') return [];
		throw error;
	}
}
