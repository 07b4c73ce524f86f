import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/brands.ts';
import { fetchManifest } from '../image/registry/fetch-manifest.ts';
import { listReferrers } from '../image/registry/list-referrers.ts';
import type { Session } from '../image/registry/session.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { kindOfMediaType, OCI_INDEX } from '../oci/media-types.ts';
import { parseArtifact } from '../oci/parse-manifest.ts';
import { putReferrersList } from '../store/stored-referrers.ts';
import { hasBlob, writeBlob } from '../store/write-blob.ts';
import { downloadLayers } from './download-layers.ts';
import type { OnLayer } from './layer-progress.ts';
import type { Workspace } from './workspace.ts';

/** An image, its SBOM, the SBOM's signature. */
export const MAX_REFERRER_DEPTH = 3;

/**
 * Brings what refers to manifests of the store, and what refers to that, each list in the place of the one that was there. What a
 * registry lists and does not refer to the manifest is left where it is.
 */
export async function fetchReferrers(
	workspace: Workspace,
	{ session, subjects }: { readonly session: Session; readonly subjects: readonly Digest[] },
	onLayer?: OnLayer,
): Promise<void> {
	let level = [...new Set(subjects)];
	const done = new Set<Digest>();
	for (let depth = 0; depth < MAX_REFERRER_DEPTH && level.length > 0; depth++) {
		const found: Digest[] = [];
		for (const subject of level) {
			if (done.has(subject)) continue;
			done.add(subject);
			found.push(...(await fetchOf(workspace, { session, subject }, onLayer)));
		}
		level = found;
	}
}

async function fetchOf(
	workspace: Workspace,
	{ session, subject }: { readonly session: Session; readonly subject: Digest },
	onLayer?: OnLayer,
): Promise<readonly Digest[]> {
	const { manifests } = await listReferrers(session, subject);
	const brought: Descriptor[] = [];
	for (const manifest of manifests) {
		if (kindOfMediaType(manifest.mediaType) !== 'manifest') continue;
		if (await bring(workspace, { session, subject, manifest }, onLayer)) brought.push(manifest);
	}
	const { store, keep } = workspace;
	if (brought.length === 0) {
		await putReferrersList(store, subject, undefined);
		return [];
	}
	const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: brought }));
	const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
	const list = { mediaType: OCI_INDEX, digest, size: bytes.length };
	await keep([digest]);
	if (!hasBlob(store, list)) await writeBlob(store, list, once(bytes));
	await putReferrersList(store, subject, list);
	return brought.map(each => each.digest);
}

async function bring(
	{ store, keep }: Workspace,
	{
		session,
		subject,
		manifest,
	}: { readonly session: Session; readonly subject: Digest; readonly manifest: Descriptor },
	onLayer?: OnLayer,
): Promise<boolean> {
	const { bytes } = await fetchManifest(session, manifest.digest);
	const artifact = parseArtifact(bytes, `manifest ${manifest.digest}`);
	if (artifact.subject?.digest !== subject) return false;
	const blobs = [artifact.config, ...artifact.layers];
	await keep([manifest.digest, ...blobs.map(({ digest }) => digest)]);
	await Promise.all(
		[...downloadLayers(store, { session, layers: blobs }, onLayer).values()].map(copy => copy.verified),
	);
	if (!hasBlob(store, manifest)) await writeBlob(store, manifest, once(bytes));
	return true;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
	yield bytes;
}
