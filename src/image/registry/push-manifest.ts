import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

export interface ManifestToPush {
	readonly descriptor: Descriptor;
	readonly bytes: Buffer;
	/** Tag or digest. */
	readonly version: string;
}

export interface PushedManifest {
	/** Whether the registry itself keeps the list of what refers to its subject. */
	readonly keepsSubject: boolean;
}

/** Puts a manifest or index under a tag or its digest. What it points to is there. @throws TsrunError */
export async function pushManifest(
	session: Session,
	{ descriptor, bytes, version }: ManifestToPush,
): Promise<PushedManifest> {
	const { subject, endpoint } = session;
	const answer = await session.request({
		method: 'PUT',
		to: `${endpoint.repository}/manifests/${version}`,
		headers: { 'content-type': descriptor.mediaType, 'content-length': String(bytes.length) },
		body: () => bytes,
	});
	if (answer.status !== 201 && answer.status !== 200) {
		throw await registryError(answer, { subject, host: endpoint.host, what: `manifest ${version}` });
	}
	await answer.drop();
	const kept = answer.header('docker-content-digest');
	if (kept === undefined || kept === descriptor.digest || !kept.startsWith(descriptor.digest.split(':', 1)[0] ?? ''))
		return { keepsSubject: answer.header('oci-subject') !== undefined };
	throw new TsrunError(
		'TSRUN_REGISTRY',
		`${subject}: registry ${endpoint.host} keeps the manifest as ${JSON.stringify(kept.slice(0, 160))}, not as ${descriptor.digest}`,
	);
}
