import type { Endpoint } from '../image/registry/endpoints.ts';
import { findLogin } from '../image/registry/logins.ts';
import type { Environment } from '../image/registry/read-registries-conf.ts';
import { openSession, type Session } from '../image/registry/session.ts';

export interface RegistryOptions {
	readonly env: Environment;
	/** False: certificates are not verified, and plain HTTP is taken where there is no TLS. */
	readonly tlsVerify?: boolean | undefined;
}

export interface SessionPurpose {
	readonly actions: 'pull' | 'pull,push';
	/** The image as the user named it. */
	readonly subject: string;
	/** Repositories that blobs may be taken over from. */
	readonly sources?: readonly string[];
}

/** A session with the login that is stored for its place. The caller closes it. */
export async function openRegistry(
	endpoint: Endpoint,
	{ actions, subject, sources = [] }: SessionPurpose,
	{ env, tlsVerify }: RegistryOptions,
): Promise<Session> {
	const place: Endpoint = { ...endpoint, isInsecure: endpoint.isInsecure || tlsVerify === false };
	return openSession(place, { env, actions, subject, sources, login: await findLogin(place, env) });
}
