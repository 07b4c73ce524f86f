import type { Readable } from 'node:stream';
import { TsrunError } from '../../core/errors.ts';
import { DOCKER_HUB } from '../parse-reference.ts';
import { addressFrom } from './address-from.ts';
import type { Login } from './auth-files.ts';
import { authorize } from './authorize.ts';
import type { Endpoint } from './endpoints.ts';
import { type Headers, type HttpClient, type HttpRequest, type HttpResponse, openHttp } from './http.ts';
import { isRefused, isTlsUnanswered, isWithoutTls, networkFailure } from './network-failure.ts';
import { PATIENCE, type Patience, sendPatiently } from './patiently.ts';
import type { Environment } from './read-registries-conf.ts';

export interface SessionOptions {
	readonly env: Environment;
	/** What is done there: `pull`, or `pull,push`. */
	readonly actions: string;
	/** What it is for, in messages: the image as the user named it. */
	readonly subject: string;
	readonly login: Login | undefined;
	/** Other repositories that blobs are taken over from. */
	readonly sources?: readonly string[];
	readonly patience?: Patience;
}

export interface SessionRequest {
	readonly method: HttpRequest['method'];
	/** Below `/v2/`, or an address that the registry gave. */
	readonly to: string | URL;
	readonly headers?: Headers;
	readonly body?: (() => Readable | Uint8Array) | undefined;
	/** Sent a second time it would do something else: it is not, when it is lost or the registry is busy. */
	readonly isOnce?: boolean;
}

/** A conversation with a registry about one repository. */
export interface Session {
	readonly endpoint: Endpoint;
	readonly subject: string;
	readonly patience: Patience;
	/**
	 * Asks with the credentials that the registry wants, again when it is busy, and where it sends to. The answer may be a refusal.
	 * @throws TsrunError
	 */
	readonly request: (request: SessionRequest) => Promise<HttpResponse & { readonly url: URL }>;
	readonly close: () => Promise<void>;
}

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
const USER_AGENT = 'tsrun';

/** Nothing is asked yet. The caller closes it. */
export function openSession(endpoint: Endpoint, options: SessionOptions): Session {
	const { host, repository, isInsecure } = endpoint;
	const { env, actions, subject, login, sources = [], patience = PATIENCE } = options;
	const http = openHttp({ env, isInsecure });
	const address = host === DOCKER_HUB ? 'registry-1.docker.io' : host;
	const scopes =
		repository === ''
			? []
			: [`repository:${repository}:${actions}`, ...sources.map(source => `repository:${source}:pull`)];
	let base: Promise<URL> | undefined;
	let authorization: Promise<string> | undefined;

	const send = async (request: HttpRequest, isOwn: boolean, patience: Patience): Promise<HttpResponse> => {
		const held = isOwn ? await authorization : undefined;
		const headers: Headers = {
			'user-agent': USER_AGENT,
			...request.headers,
			...(held === undefined ? {} : { authorization: held }),
		};
		const response = await sendPatiently(http, { ...request, headers }, patience).catch((error: unknown) => {
			throw networkFailure(error, { subject, host: request.url.host });
		});
		if (response.status !== 401 || !isOwn) return response;
		return again(request, response, { held, patience });
	};

	/** After one answered challenge another is a refusal: a registry that challenges for ever is not asked for ever. */
	const again = async (
		request: HttpRequest,
		refusal: HttpResponse,
		{ held, patience }: { readonly held: string | undefined; readonly patience: Patience },
	): Promise<HttpResponse> => {
		if ((await authorization) === held) {
			const fresh = authorize(
				http,
				{ header: refusal.header('www-authenticate'), asked: request.url, login, scopes, subject, host, isInsecure },
				options.patience ?? PATIENCE,
			);
			authorization = fresh;
			fresh.catch(() => {
				if (authorization === fresh) authorization = undefined;
			});
		}
		const value = await authorization;
		if (value === undefined || value === held) return refusal;
		await refusal.drop();
		const headers = { 'user-agent': USER_AGENT, ...request.headers, authorization: value };
		return sendPatiently(http, { ...request, headers }, patience).catch((error: unknown) => {
			throw networkFailure(error, { subject, host: request.url.host });
		});
	};

	const follow = async (
		first: HttpRequest,
		origin: string,
		patience: Patience,
	): Promise<HttpResponse & { readonly url: URL }> => {
		let request = first;
		for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
			const response = await send(request, request.url.origin === origin, patience);
			const location = REDIRECTS.includes(response.status) ? response.header('location') : undefined;
			if (location === undefined) return { ...response, url: request.url };
			await response.drop();
			request = {
				...request,
				url: addressFrom(request.url, location, { subject, host, isInsecure, words: 'redirects to' }),
			};
		}
		throw new TsrunError('TSRUN_REGISTRY', `${subject}: registry ${host} redirects more than ${MAX_REDIRECTS} times`);
	};

	return {
		endpoint,
		subject,
		patience,
		request: async ({ method, to, headers = {}, body, isOnce = false }) => {
			base ??= findBase(http, { address, isInsecure });
			base.catch(() => {});
			const root = await base.catch((error: unknown) => {
				throw networkFailure(error, { subject, host });
			});
			const url = typeof to === 'string' ? new URL(to, root) : to;
			return follow({ method, url, headers, body }, root.origin, isOnce ? { ...patience, attempts: 1 } : patience);
		},
		close: http.close,
	};
}

/** Where TLS need not be, it is still tried first. */
async function findBase(
	http: HttpClient,
	{ address, isInsecure }: { readonly address: string; readonly isInsecure: boolean },
): Promise<URL> {
	const secure = new URL(`https://${address}/v2/`);
	if (!isInsecure) return secure;
	try {
		const response = await http.send({ method: 'GET', url: secure, headers: { 'user-agent': USER_AGENT } });
		await response.drop();
		return secure;
	} catch (error) {
		if (isWithoutTls(error) || isTlsUnanswered(error) || isRefused(error)) return new URL(`http://${address}/v2/`);
		throw error;
	}
}
