import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { addressFrom } from './address-from.ts';
import type { HttpResponse } from './http.ts';
import { isTransient } from './network-failure.ts';
import { BUSY, backoff, pauseAfter } from './patiently.ts';
import type { BlobToPush } from './push-blob.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

export type Answer = HttpResponse & { readonly url: URL };

interface Place {
	readonly location: URL;
	/** Bytes that the registry has. */
	readonly offset: number;
}

/** Why a piece has to be sent again, and when. */
interface Lost {
	readonly error: unknown;
	readonly pause: number | undefined;
}

const CHUNK = 32 << 20;
const RANGE_NOT_SATISFIABLE = 416;

/**
 * Sends a blob to an upload that was begun. When a piece is lost the registry is asked what came of it, and it goes on there; an upload
 * of which it says nothing is begun anew. What may have come is never sent twice to one upload: there are registries that append it.
 * @throws TsrunError
 */
export async function uploadBlob(session: Session, blob: BlobToPush, started: Answer): Promise<void> {
	const { patience } = session;
	const least = Number(started.header('oci-chunk-min-length') ?? 0);
	const chunkSize = Math.max(blob.chunkSize ?? CHUNK, Number.isSafeInteger(least) ? least : 0);
	let place: Place | undefined = { location: locationOf(session, started), offset: 0 };
	let furthest = 0;
	for (let attempt = 1; place !== undefined; ) {
		const outcome: Place | Lost | undefined = await sendPiece(session, blob, { place, chunkSize, attempt });
		if (outcome === undefined || 'location' in outcome) {
			place = outcome;
		} else {
			if (attempt >= patience.attempts || outcome.pause === undefined) throw outcome.error;
			await patience.wait(outcome.pause);
			place = await findPlace(session, blob, place);
			attempt++;
		}
		const reached = place?.offset ?? blob.descriptor.size;
		blob.onProgress?.(reached);
		if (reached > furthest) [furthest, attempt] = [reached, 1];
	}
}

/** Begins an upload; the caller looks at the answer, which has no body any more. */
export async function beginUpload(session: Session, descriptor: Descriptor, query = ''): Promise<Answer> {
	const to = `${session.endpoint.repository}/blobs/uploads/${query}`;
	const answer = await session.request({ method: 'POST', to, body: () => new Uint8Array(0) });
	if (query === '' && answer.status !== 202) throw await refusal(session, answer, descriptor);
	await answer.drop();
	return answer;
}

export function refusal(
	{ subject, endpoint }: Session,
	answer: HttpResponse,
	{ digest }: Descriptor,
): Promise<TsrunError> {
	return registryError(answer, { subject, host: endpoint.host, what: `blob ${digest}` });
}

interface Piece {
	readonly place: Place;
	readonly chunkSize: number;
	readonly attempt: number;
}

/** @returns where the next piece goes, nothing when the blob is complete, or that this one is lost */
async function sendPiece(
	session: Session,
	{ descriptor, open }: BlobToPush,
	{ place: { location, offset }, chunkSize, attempt }: Piece,
): Promise<Place | Lost | undefined> {
	const { size, digest } = descriptor;
	const isPart = size > chunkSize && offset < size;
	const end = isPart ? Math.min(size, offset + chunkSize) : size;
	const to = new URL(location);
	if (!isPart) to.searchParams.set('digest', digest);
	const headers = {
		'content-type': 'application/octet-stream',
		'content-length': String(end - offset),
		// a whole blob has none, the end of one that was lost has
		...(isPart || (offset > 0 && offset < size) ? { 'content-range': `${offset}-${end - 1}` } : {}),
	};
	const body = offset === end ? () => new Uint8Array(0) : () => open(offset, end);
	let answer: Answer;
	try {
		answer = await session.request({ method: isPart ? 'PATCH' : 'PUT', to, headers, body, isOnce: true });
	} catch (error) {
		if (!isTransient((error as Error).cause)) throw error;
		return { error, pause: backoff(attempt, session.patience) };
	}
	const { status } = answer;
	if (BUSY.includes(status) || status === RANGE_NOT_SATISFIABLE) {
		const pause = pauseAfter(answer, attempt, session.patience);
		return { error: await refusal(session, answer, descriptor), pause };
	}
	if (!(isPart ? [202, 204] : [201, 204]).includes(status)) throw await refusal(session, answer, descriptor);
	await answer.drop();
	return isPart ? { location: locationOf(session, answer), offset: end } : undefined;
}

/** Where to go on after a loss; nowhere when the blob is there after all. */
async function findPlace(session: Session, { descriptor }: BlobToPush, lost: Place): Promise<Place | undefined> {
	const { digest, size } = descriptor;
	const known = await session.request({ method: 'HEAD', to: `${session.endpoint.repository}/blobs/${digest}` });
	await known.drop();
	if (known.status === 200) return undefined;
	const status = await session.request({ method: 'GET', to: lost.location });
	await status.drop();
	const last = /^(?:bytes=)?0-([0-9]+)$/.exec(status.header('range') ?? '')?.[1];
	if ([200, 202, 204].includes(status.status) && last !== undefined) {
		// of nothing registries say the same as of one byte
		const offset = last === '0' ? 0 : Number(last) + 1;
		if (offset <= size) {
			const location = status.header('location') === undefined ? lost.location : locationOf(session, status);
			return { location, offset };
		}
	}
	return { location: locationOf(session, await beginUpload(session, descriptor)), offset: 0 };
}

function locationOf({ subject, endpoint }: Session, answer: Answer): URL {
	const { host, isInsecure } = endpoint;
	const location = answer.header('location') ?? '';
	if (location === '') {
		throw new TsrunError('TSRUN_REGISTRY', `${subject}: registry ${host} does not say where to send the blob`);
	}
	return addressFrom(answer.url, location, { subject, host, isInsecure, words: 'would have the blob sent to' });
}
