import type { Readable } from 'node:stream';
import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import type { HttpResponse } from './http.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

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

const CHUNK = 32 << 20;

/**
 * Brings a blob to the registry (distribution-spec, "Pushing blobs"): nothing is sent that it has, or that it can take over from
 * another repository; a short blob goes in one piece, a long one in several, each of which is sent again when it is lost.
 * @throws TsrunError
 */
export async function pushBlob(session: Session, blob: BlobToPush): Promise<PushedBlob> {
	const { descriptor, sources } = blob;
	const path = `${session.endpoint.repository}/blobs`;
	const known = await session.request({ method: 'HEAD', to: `${path}/${descriptor.digest}` });
	await known.drop();
	if (known.status === 200) return 'present';
	if (known.status === 401 || known.status === 403) throw await refusal(session, known, descriptor);
	for (const source of sources) {
		const query = new URLSearchParams({ mount: descriptor.digest, from: source });
		const answer = await session.request({ method: 'POST', to: `${path}/uploads/?${query}`, body: empty });
		await answer.drop();
		if (answer.status === 201) return 'mounted';
		if (answer.status === 202) return upload(session, blob, answer);
	}
	const answer = await session.request({ method: 'POST', to: `${path}/uploads/`, body: empty });
	if (answer.status !== 202) throw await refusal(session, answer, descriptor);
	await answer.drop();
	return upload(session, blob, answer);
}

type Answer = HttpResponse & { readonly url: URL };

async function upload(session: Session, blob: BlobToPush, started: Answer): Promise<'pushed'> {
	const { descriptor, open, onProgress } = blob;
	const { size, digest } = descriptor;
	const least = Number(started.header('oci-chunk-min-length') ?? 0);
	const chunkSize = Math.max(blob.chunkSize ?? CHUNK, Number.isSafeInteger(least) ? least : 0);
	let location = locationOf(session, started);
	let sent = 0;
	while (size > chunkSize && sent < size) {
		const [start, end] = [sent, Math.min(size, sent + chunkSize)];
		const headers = {
			'content-type': 'application/octet-stream',
			'content-length': String(end - start),
			'content-range': `${start}-${end - 1}`,
		};
		const answer = await session.request({ method: 'PATCH', to: location, headers, body: () => open(start, end) });
		if (answer.status !== 202 && answer.status !== 204) throw await refusal(session, answer, descriptor);
		await answer.drop();
		location = locationOf(session, answer);
		sent = end;
		onProgress?.(sent);
	}
	const finish = new URL(location);
	finish.searchParams.set('digest', digest);
	const rest = size - sent;
	const headers = { 'content-type': 'application/octet-stream', 'content-length': String(rest) };
	const body = rest === 0 ? empty : () => open(sent, size);
	const answer = await session.request({ method: 'PUT', to: finish, headers, body });
	if (answer.status !== 201 && answer.status !== 204) throw await refusal(session, answer, descriptor);
	await answer.drop();
	onProgress?.(size);
	return 'pushed';
}

function locationOf({ subject, endpoint }: Session, answer: Answer): URL {
	const location = answer.header('location') ?? '';
	if (location !== '' && URL.canParse(location, answer.url.href)) return new URL(location, answer.url);
	throw new TsrunError('TSRUN_REGISTRY', `${subject}: registry ${endpoint.host} does not say where to send the blob`);
}

function refusal({ subject, endpoint }: Session, answer: HttpResponse, { digest }: Descriptor): Promise<TsrunError> {
	return registryError(answer, { subject, host: endpoint.host, what: `blob ${digest}` });
}

const empty = (): Uint8Array => new Uint8Array(0);
