import type { Readable } from 'node:stream';
import type { Descriptor } from '../../oci/image-spec.ts';
import type { Session } from './session.ts';
import { beginUpload, refusal, uploadBlob } from './upload-blob.ts';

export interface BlobToPush {
	readonly descriptor: Descriptor;
	/** The bytes from `start` up to `end`, made anew for each attempt. */
	readonly open: (start: number, end: number) => Readable | Uint8Array;
	/** Repositories of the same registry that may have the blob. */
	readonly sources: readonly string[];
	/** Bytes that the registry has. */
	readonly onProgress?: (bytes: number) => void;
	/** Longer blobs go in pieces of this many bytes; 32 MiB unless told. */
	readonly chunkSize?: number;
}

export type PushedBlob = 'present' | 'mounted' | 'pushed';

/**
 * Brings a blob to the registry (distribution-spec, "Pushing blobs"): nothing is sent that it has, or that it can take over from
 * another repository; a short blob goes in one piece, a long one in several, each of which goes on where it was lost.
 * @throws TsrunError
 */
export async function pushBlob(session: Session, blob: BlobToPush): Promise<PushedBlob> {
	const { descriptor, sources } = blob;
	const to = `${session.endpoint.repository}/blobs/${descriptor.digest}`;
	const known = await session.request({ method: 'HEAD', to });
	await known.drop();
	if (known.status === 200) return 'present';
	if (known.status === 401 || known.status === 403) throw await refusal(session, known, descriptor);
	for (const source of sources) {
		const query = new URLSearchParams({ mount: descriptor.digest, from: source });
		const answer = await beginUpload(session, descriptor, `?${query}`);
		if (answer.status === 201) return 'mounted';
		if (answer.status !== 202) continue;
		await uploadBlob(session, blob, answer);
		return 'pushed';
	}
	await uploadBlob(session, blob, await beginUpload(session, descriptor));
	return 'pushed';
}
