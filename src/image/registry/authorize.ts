import { TsrunError } from '../../core/errors.ts';
import type { Login } from './auth-files.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Headers, HttpClient, HttpResponse } from './http.ts';
import { networkFailure } from './network-failure.ts';
import { type Patience, sendPatiently } from './patiently.ts';
import { registryError } from './registry-error.ts';

const MAX_TOKEN_BYTES = 1 << 20;

export interface AuthorizationRequest {
	/** The WWW-Authenticate header of a 401 answer. */
	readonly header: string | undefined;
	/** The URL that was asked. */
	readonly asked: URL;
	readonly login: Login | undefined;
	/** `repository:library/busybox:pull`, more than what the challenge names. */
	readonly scopes: readonly string[];
	/** For messages. */
	readonly subject: string;
	readonly host: string;
	readonly isInsecure: boolean;
}

/**
 * Answers a challenge: the value of the Authorization header that it asks for (distribution-spec, "token authentication").
 * @throws TsrunError TSRUN_UNAUTHORIZED
 */
export async function authorize(http: HttpClient, request: AuthorizationRequest, patience: Patience): Promise<string> {
	const challenges = parseChallenges(request.header ?? '');
	const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
	if (bearer !== undefined) return `Bearer ${await fetchToken(http, { ...request, challenge: bearer }, patience)}`;
	const { login } = request;
	if (challenges.some(({ scheme }) => scheme === 'basic')) {
		if (login?.kind === 'password') return basic(login);
		throw unauthorized(request, 'wants a user name and a password');
	}
	const names = challenges.map(({ scheme }) => scheme).join(', ');
	throw unauthorized(
		request,
		names === '' ? 'says 401 and not how to log in' : `wants a login of a kind that is not known: ${names}`,
	);
}

type TokenRequest = AuthorizationRequest & { readonly challenge: Challenge };

async function fetchToken(http: HttpClient, request: TokenRequest, patience: Patience): Promise<string> {
	const { challenge, login, subject, host } = request;
	const realm = realmOf(request);
	const { service, scope } = challenge.parameters;
	const scopes = [...new Set([...(scope ? [scope] : []), ...request.scopes])];
	const response = await send(http, { realm, service, scopes, login }, patience).catch((error: unknown) => {
		throw networkFailure(error, { subject, host: realm.host });
	});
	if (response.status !== 200) {
		const error = await registryError(response, { subject, host: realm.host, what: 'the request for a token' });
		const isRefused = [400, 401, 403].includes(response.status) && login !== undefined;
		throw new TsrunError(isRefused ? 'TSRUN_UNAUTHORIZED' : error.code, error.message, {
			hint: isRefused
				? `it does not take the stored login: tsrun login ${host}`
				: (error.hint ?? `it may want a login: tsrun login ${host}`),
			cause: error,
		});
	}
	const token = readToken(await readAll(response));
	if (token !== undefined) return token;
	throw unauthorized(request, `got no token from ${realm.host}`);
}

/** A password goes by Basic and GET, a refresh token by OAuth 2 and POST. */
function send(
	http: HttpClient,
	ask: {
		readonly realm: URL;
		readonly service: string | undefined;
		readonly scopes: readonly string[];
		readonly login: Login | undefined;
	},
	patience: Patience,
): Promise<HttpResponse> {
	const { realm, service, scopes, login } = ask;
	if (login?.kind === 'identity-token') {
		const form = new URLSearchParams({
			grant_type: 'refresh_token',
			refresh_token: login.token,
			client_id: 'tsrun',
			...(service === undefined ? {} : { service }),
			...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
		});
		const body = (): Buffer => Buffer.from(form.toString());
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		return sendPatiently(http, { method: 'POST', url: realm, headers, body }, patience);
	}
	const url = new URL(realm);
	if (service !== undefined) url.searchParams.set('service', service);
	for (const scope of scopes) url.searchParams.append('scope', scope);
	if (login !== undefined) url.searchParams.set('account', login.username);
	const headers: Headers = login === undefined ? {} : { authorization: basic(login) };
	return sendPatiently(http, { method: 'GET', url, headers }, patience);
}

/** A password that was meant for TLS never goes without. */
function realmOf(request: TokenRequest): URL {
	const { challenge, asked, isInsecure } = request;
	const text = challenge.parameters.realm ?? '';
	const realm = URL.canParse(text) ? new URL(text) : undefined;
	if (realm === undefined || !['http:', 'https:'].includes(realm.protocol)) {
		throw unauthorized(request, `names ${JSON.stringify(text.slice(0, 100))} as the place of its tokens`);
	}
	if (realm.protocol === 'http:' && (asked.protocol === 'https:' || !isInsecure)) {
		throw unauthorized(request, `would have the login sent to ${realm.origin} without TLS`);
	}
	return realm;
}

function basic({ username, password }: Extract<Login, { kind: 'password' }>): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function readToken(text: string): string | undefined {
	try {
		const { token, access_token: access } = JSON.parse(text) as Readonly<Record<string, unknown>>;
		const found = [token, access].find(value => typeof value === 'string' && value !== '');
		// it becomes a header
		return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
	} catch {
		return undefined;
	}
}

async function readAll({ body }: HttpResponse): Promise<string> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body) {
		length += chunk.length;
		if (length > MAX_TOKEN_BYTES) return '';
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function unauthorized({ subject, host, login }: AuthorizationRequest, fault: string): TsrunError {
	return new TsrunError('TSRUN_UNAUTHORIZED', `${subject}: registry ${host} ${fault}`, {
		hint:
			login === undefined
				? `tsrun login ${host}`
				: `there is a login for it: see whether it is the right one, with tsrun login ${host}`,
	});
}
