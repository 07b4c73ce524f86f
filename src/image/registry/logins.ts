import { DOCKER_HUB } from '../parse-reference.ts';
import {
	type AuthFile,
	authFilePaths,
	DOCKER_HUB_KEY,
	type Login,
	ownAuthFile,
	readAuthFile,
	registryOfKey,
	writeAuthFile,
} from './auth-files.ts';
import { askHelper, tellHelper } from './credential-helper.ts';
import type { Environment } from './read-registries-conf.ts';

/**
 * The login for a repository: of the first file that has one for `host/path`, a part of the path, or the host; a helper that a file
 * names for the host is asked before what the file itself says.
 * @throws TsrunError TSRUN_BAD_AUTH_FILE, TSRUN_CREDENTIAL_HELPER
 */
export async function findLogin(
	{ host, repository }: { readonly host: string; readonly repository: string },
	env: Environment,
): Promise<Login | undefined> {
	for (const path of authFilePaths(env, process.geteuid?.() ?? 0)) {
		const file = readAuthFile(path);
		const login = file === undefined ? undefined : await loginIn(file, host, repository);
		if (login !== undefined) return login;
	}
	return undefined;
}

async function loginIn(file: AuthFile, host: string, repository: string): Promise<Login | undefined> {
	const helper = helperFor(file, host);
	const known = helper === undefined ? undefined : await askHelper(helper, keyOf(host));
	if (known !== undefined) return known;
	const parts = `${host}/${repository}`.split('/');
	for (let count = parts.length; count > 0; count--) {
		const key = parts.slice(0, count).join('/');
		const login = Object.hasOwn(file.logins, key) ? file.logins[key] : undefined;
		if (login !== undefined) return login;
	}
	return undefined;
}

export interface KeptLogin {
	readonly path: string;
	/** The program that keeps it, where the file itself does not. */
	readonly helper: string | undefined;
}

/** Keeps a login for later: in the file, or with the helper that the file names. @throws TsrunError */
export async function keepLogin(host: string, login: Login, env: Environment): Promise<KeptLogin> {
	const path = ownAuthFile(env);
	const file = readAuthFile(path);
	const helper = file === undefined ? undefined : helperFor(file, host);
	const secret = login.kind === 'password' ? login.password : login.token;
	const username = login.kind === 'password' ? login.username : '<token>';
	const key = keyOf(host);
	if (helper !== undefined) {
		await tellHelper(helper, 'store', JSON.stringify({ ServerURL: key, Username: username, Secret: secret }));
		return { path, helper };
	}
	const entry =
		login.kind === 'password'
			? { auth: Buffer.from(`${username}:${secret}`).toString('base64') }
			: { identitytoken: secret };
	const document = file?.document ?? {};
	writeAuthFile(path, { ...document, auths: { ...withoutHost(document, host), [key]: entry } });
	return { path, helper: undefined };
}

/** Forgets a login; says whether there was one. @throws TsrunError */
export async function forgetLogin(host: string, env: Environment): Promise<boolean> {
	const file = readAuthFile(ownAuthFile(env));
	if (file === undefined) return false;
	const helper = helperFor(file, host);
	if (helper !== undefined) {
		const known = await askHelper(helper, keyOf(host));
		await tellHelper(helper, 'erase', keyOf(host));
		return known !== undefined;
	}
	const known = Object.keys(authsOf(file.document)).some(key => registryOfKey(key) === host);
	if (known) writeAuthFile(file.path, { ...file.document, auths: withoutHost(file.document, host) });
	return known;
}

function helperFor({ helpers, defaultHelper }: AuthFile, host: string): string | undefined {
	const own = Object.keys(helpers).find(key => registryOfKey(key) === host);
	return own === undefined ? defaultHelper : helpers[own];
}

function withoutHost(document: Readonly<Record<string, unknown>>, host: string): Readonly<Record<string, unknown>> {
	return Object.fromEntries(Object.entries(authsOf(document)).filter(([key]) => registryOfKey(key) !== host));
}

function authsOf({ auths }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	return (auths ?? {}) as Readonly<Record<string, unknown>>;
}

function keyOf(host: string): string {
	return host === DOCKER_HUB ? DOCKER_HUB_KEY : host;
}
