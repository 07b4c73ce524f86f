import { TsrunError } from '../../core/errors.ts';
import type { HttpResponse } from './http.ts';

/**
 * All bytes of an answer. One that is longer than `limit`, or says so, is left as soon as that is known.
 * @throws TsrunError TSRUN_BAD_IMAGE; and what the connection fails with
 */
export async function readDocumentBody(
	response: HttpResponse,
	{ limit, document }: { readonly limit: number; readonly document: string },
): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	const claimed = Number(response.header('content-length') ?? 0);
	for await (const chunk of claimed > limit ? [] : response.body) {
		chunks.push(chunk);
		length += chunk.length;
		if (length > limit) break;
	}
	if (Math.max(length, claimed) <= limit) return Buffer.concat(chunks);
	response.abandon();
	throw new TsrunError('TSRUN_BAD_IMAGE', `${document} is longer than the limit of ${limit} bytes`);
}
