import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { proxyFor } from './proxy-for.ts';
import type { Environment } from './read-registries-conf.ts';
import { readTlsFiles } from './tls-files.ts';

export type Headers = Readonly<Record<string, string>>;

export interface HttpRequest {
	readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
	readonly url: URL;
	readonly headers: Headers;
	/** Made anew for each attempt. */
	readonly body?: (() => Readable | Uint8Array) | undefined;
}

export interface HttpResponse {
	readonly status: number;
	/** By lower-case name; of several the values are joined as RFC 9110 has it. */
	readonly header: (name: string) => string | undefined;
	/** The bytes; must be read or dropped. */
	readonly body: AsyncIterable<Uint8Array>;
	readonly drop: () => Promise<void>;
	/** Ends the connection, whatever is still to come. */
	readonly abandon: () => void;
}

/** HTTP as it is, without redirects, retries and credentials. */
export interface HttpClient {
	/** Rejects with what undici or the system says. */
	readonly send: (request: HttpRequest) => Promise<HttpResponse>;
	readonly close: () => Promise<void>;
}

export interface HttpOptions {
	readonly env: Environment;
	/** Certificates are not verified. */
	readonly isInsecure: boolean;
}

/** Between two bytes, and until the first one of an answer. */
const SILENCE_MS = 60_000;
const CONNECT_MS = 20_000;

/** Opens connections as they are needed, one pool for each host, through the proxy that the environment names for it. */
export function openHttp({ env, isInsecure }: HttpOptions): HttpClient {
	const pools = new Map<string, Dispatcher>();
	const limits = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS, connections: 8 };
	const tls = (host: string): object => {
		const { ca, client } = readTlsFiles(host, env);
		return { ca, ...client, rejectUnauthorized: !isInsecure, timeout: CONNECT_MS };
	};
	const open = (url: URL, proxy: URL | undefined): Dispatcher => {
		if (url.protocol === 'http:')
			return new Agent({
				...limits,
				connect: proxy?.protocol === 'https:' ? tls(proxy.host) : { timeout: CONNECT_MS },
			});
		if (proxy === undefined) return new Agent({ ...limits, connect: tls(url.host) });
		const uri = new URL(proxy);
		uri.username = '';
		uri.password = '';
		const token = proxyToken(proxy);
		return new ProxyAgent({
			...limits,
			uri: uri.href,
			...(token === undefined ? {} : { token }),
			requestTls: tls(url.host),
			proxyTls: proxy.protocol === 'https:' ? tls(proxy.host) : {},
		});
	};
	return {
		send: async ({ method, url, headers, body }) => {
			const proxy = proxyFor(url, env);
			const pool = pools.get(url.origin) ?? open(url, proxy);
			pools.set(url.origin, pool);
			const path = `${url.pathname}${url.search}`;
			// without TLS a proxy is asked for the whole URL; with it, for a tunnel
			const isForwarded = proxy !== undefined && url.protocol === 'http:';
			const token = isForwarded ? proxyToken(proxy) : undefined;
			const answer = await pool.request({
				method,
				origin: isForwarded ? proxy.origin : url.origin,
				path: isForwarded ? `${url.origin}${path}` : path,
				headers: {
					...headers,
					...(isForwarded ? { host: url.host } : {}),
					...(token === undefined ? {} : { 'proxy-authorization': token }),
				},
				...(body === undefined ? {} : { body: body() }),
			});
			return {
				status: answer.statusCode,
				header: name => {
					const value = answer.headers[name];
					return Array.isArray(value) ? value.join(', ') : value;
				},
				body: answer.body,
				drop: () => answer.body.dump(),
				abandon: () => {
					answer.body.on('error', () => {}).destroy();
				},
			};
		},
		close: async () => {
			await Promise.all([...pools.values()].map(pool => pool.destroy()));
		},
	};
}

function proxyToken({ username, password }: URL): string | undefined {
	if (username === '') return undefined;
	const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	return `Basic ${Buffer.from(pair).toString('base64')}`;
}
