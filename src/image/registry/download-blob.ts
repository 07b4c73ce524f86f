import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import type { HttpResponse } from './http.ts';
import { isTransient, networkFailure } from './network-failure.ts';
import { backoff } from './patiently.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

/** A connection that brought this much before it was lost was worth it: the count of attempts begins again. */
const PROGRESS_BYTES = 1 << 20;

/**
 * The bytes of a blob from byte `start` on. A connection that is lost is made again, and goes on where it ended. Length and digest are for the
 * reader to verify; a registry that announces another length is refused at once.
 * @throws TsrunError
 */
export async function* downloadBlob(session: Session, blob: Descriptor, start = 0): AsyncGenerator<Uint8Array> {
	const { patience, subject, endpoint } = session;
	let offset = start;
	for (let attempt = 1, last = start; offset < blob.size || blob.size === 0; attempt++) {
		let lost: unknown = new Error('the registry ended the blob early');
		try {
			const response = await request(session, blob, offset);
			for await (const chunk of skipping(response.body, await startOf(response, { session, blob, offset }))) {
				offset += chunk.length;
				yield chunk;
			}
			if (offset >= blob.size) return;
		} catch (error) {
			if (error instanceof TsrunError || !isTransient(error))
				throw networkFailure(error, { subject, host: endpoint.host });
			lost = error;
		}
		if (offset - last >= PROGRESS_BYTES) attempt = 1;
		last = offset;
		if (attempt >= patience.attempts) {
			throw new TsrunError(
				'TSRUN_REGISTRY_UNREACHABLE',
				`${subject}: registry ${endpoint.host} broke off blob ${blob.digest} ${patience.attempts} times, ${offset} of ${blob.size} bytes came`,
				{ cause: lost },
			);
		}
		await patience.wait(backoff(attempt, patience));
	}
}

async function request(session: Session, { digest }: Descriptor, offset: number): Promise<HttpResponse> {
	const response = await session.request({
		method: 'GET',
		to: `${session.endpoint.repository}/blobs/${digest}`,
		headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
	});
	if (response.status === 200 || response.status === 206) return response;
	const { subject, endpoint } = session;
	throw await registryError(response, { subject, host: endpoint.host, what: `blob ${digest}` });
}

interface Place {
	readonly session: Session;
	readonly blob: Descriptor;
	readonly offset: number;
}

/** How many bytes of the answer are there already: all where a range was asked for and the whole blob comes. */
async function startOf(response: HttpResponse, { session, blob, offset }: Place): Promise<number> {
	const [, first, total] = /^bytes ([0-9]+)-[0-9]+\/([0-9]+|\*)$/.exec(response.header('content-range') ?? '') ?? [];
	const isPart = response.status === 206;
	const length = isPart ? total : response.header('content-length');
	const isOther = length !== undefined && length !== '*' && Number(length) !== blob.size;
	if (!isOther && (!isPart || Number(first) === offset)) return isPart ? 0 : offset;
	response.abandon();
	const words = isOther
		? `is ${length} bytes long where its descriptor says ${blob.size}`
		: `comes from byte ${first ?? '?'} where ${offset} was asked for`;
	throw new TsrunError(
		'TSRUN_BAD_BLOB',
		`${session.subject}: blob ${blob.digest} of registry ${session.endpoint.host} ${words}`,
	);
}

async function* skipping(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
	let left = count;
	for await (const chunk of chunks) {
		const rest = left >= chunk.length ? undefined : chunk.subarray(left);
		left = Math.max(0, left - chunk.length);
		if (rest !== undefined) yield rest;
	}
}
