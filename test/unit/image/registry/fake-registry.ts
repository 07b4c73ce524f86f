import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Buffer;
	/** Without a length. */
	readonly isChunked?: boolean;
	/** The connection ends after this many bytes of the body. */
	readonly dropAfter?: number;
	/** Milliseconds between pieces of this many bytes. */
	readonly slow?: { readonly piece: number; readonly pause: number };
}

export interface Asked {
	readonly method: string;
	/** With its query. */
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
	/** How often this method and path were asked before. */
	readonly before: number;
}

export interface FakeRegistry {
	/** `127.0.0.1:port` */
	readonly host: string;
	readonly asked: Asked[];
	readonly close: () => Promise<void>;
}

/** A registry that answers as it is told, also wrongly. What has no answer is 404 with the registry's words. */
export async function fakeRegistry(answer: (asked: Asked) => Answer | undefined): Promise<FakeRegistry> {
	const asked: Asked[] = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { method = '', url: path = '', headers } = request;
		const before = asked.filter(other => other.method === method && other.path === path).length;
		const one = { method, path, headers, body: Buffer.concat(chunks).toString('latin1'), before };
		asked.push(one);
		await reply(response, answer(one) ?? NOTHING);
	});
	server.on('clientError', (_, socket) => socket.destroy());
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		close: () =>
			new Promise(resolve => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}

const NOTHING: Answer = {
	status: 404,
	body: JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }),
};

async function reply(
	response: ServerResponse,
	{ status = 200, headers = {}, body = '', dropAfter, slow, isChunked = false }: Answer,
): Promise<void> {
	const bytes = Buffer.from(body);
	response.writeHead(status, { ...(isChunked ? {} : { 'content-length': String(bytes.length) }), ...headers });
	if (dropAfter !== undefined) {
		response.write(bytes.subarray(0, dropAfter), () => setTimeout(() => response.destroy(), 5));
		return;
	}
	if (slow === undefined) {
		response.end(bytes);
		return;
	}
	for (let at = 0; at < bytes.length && !response.destroyed; at += slow.piece) {
		response.write(bytes.subarray(at, at + slow.piece));
		await new Promise(resolve => setTimeout(resolve, slow.pause));
	}
	response.end();
}

export const sha256 = (bytes: string | Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A blob that honours ranges. */
export function blobAnswer({ headers }: Asked, bytes: Buffer): Answer {
	const start = Number(/^bytes=([0-9]+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
	if (start === 0) return { body: bytes };
	const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
	return { status: 206, headers: { 'content-range': range }, body: bytes.subarray(start) };
}
