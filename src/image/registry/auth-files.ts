import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import {
	asObject,
	asString,
	type JsonField,
	parseDocument,
	property,
	stringAt,
	stringMapAt,
} from '../../oci/json-field.ts';
import { DOCKER_HUB } from '../parse-reference.ts';
import type { Environment } from './read-registries-conf.ts';

/** A login for a registry. */
export type Login =
	| { readonly kind: 'password'; readonly username: string; readonly password: string }
	/** A refresh token of OAuth 2, which only buys tokens. */
	| { readonly kind: 'identity-token'; readonly token: string };

/** docker's config.json and containers-auth.json(5), which have the same form. */
export interface AuthFile {
	readonly path: string;
	readonly document: Readonly<Record<string, unknown>>;
	/** By registry, or by registry and a part of the path. */
	readonly logins: Readonly<Record<string, Login>>;
	/** Registry → suffix of the helper program. */
	readonly helpers: Readonly<Record<string, string>>;
	readonly defaultHelper: string | undefined;
}

/** The key under which docker keeps the login of its own registry. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** Where logins may be, in the order in which they are looked for. */
export function authFilePaths(env: Environment, uid: number): readonly string[] {
	if (env.REGISTRY_AUTH_FILE) return [env.REGISTRY_AUTH_FILE];
	const home = env.HOME ? [env.HOME] : [];
	return [
		join(env.XDG_RUNTIME_DIR || `/run/containers/${uid}`, env.XDG_RUNTIME_DIR ? 'containers' : '', 'auth.json'),
		...(env.XDG_CONFIG_HOME ? [env.XDG_CONFIG_HOME] : home.map(path => join(path, '.config'))).map(path =>
			join(path, 'containers/auth.json'),
		),
		...(env.DOCKER_CONFIG ? [env.DOCKER_CONFIG] : home.map(path => join(path, '.docker'))).map(path =>
			join(path, 'config.json'),
		),
	];
}

/** The file that `login` writes: the one told, else docker's. @throws TsrunError TSRUN_NO_HOME */
export function ownAuthFile(env: Environment): string {
	if (env.REGISTRY_AUTH_FILE) return env.REGISTRY_AUTH_FILE;
	if (env.DOCKER_CONFIG) return join(env.DOCKER_CONFIG, 'config.json');
	if (env.HOME) return join(env.HOME, '.docker/config.json');
	throw new TsrunError('TSRUN_NO_HOME', 'there is no place for the login: HOME is not set', {
		hint: 'set HOME, DOCKER_CONFIG or REGISTRY_AUTH_FILE',
	});
}

/** Undefined where there is no such file. @throws TsrunError TSRUN_BAD_AUTH_FILE */
export function readAuthFile(path: string): AuthFile | undefined {
	const bytes = attempt({ code: 'TSRUN_BAD_AUTH_FILE', action: `read the logins in ${path}` }, () => {
		try {
			return readFileSync(path);
		} catch (error) {
			if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
			throw error;
		}
	});
	if (bytes === undefined) return undefined;
	try {
		const root = parseDocument(bytes.length === 0 ? Buffer.from('{}') : bytes, path);
		const auths = property(root, 'auths');
		const logins = auths === undefined ? [] : Object.keys(asObject(auths)).flatMap(key => readLogin(auths, key));
		const defaultHelper = stringAt(root, 'credsStore');
		return {
			path,
			document: asObject(root),
			logins: Object.fromEntries(logins),
			helpers: stringMapAt(root, 'credHelpers') ?? {},
			defaultHelper: defaultHelper === '' ? undefined : defaultHelper,
		};
	} catch (error) {
		if (!(error instanceof TsrunError)) throw error;
		throw new TsrunError('TSRUN_BAD_AUTH_FILE', error.message, { cause: error });
	}
}

/** `docker.io` where docker writes an address of its own; elsewhere without scheme and what follows a version. */
export function registryOfKey(key: string): string {
	const bare = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
	return ['index.docker.io', 'registry-1.docker.io'].includes(bare) ? DOCKER_HUB : bare;
}

/** Replaces the file, which only its owner can read, at once. `auths` are what the document says then. */
export function writeAuthFile(path: string, document: Readonly<Record<string, unknown>>): void {
	attempt({ code: 'TSRUN_BAD_AUTH_FILE', action: `write the login to ${path}` }, () => {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		const real = realPath(path);
		const temporary = `${real}.${process.pid}`;
		try {
			writeFileSync(temporary, `${JSON.stringify(document, undefined, '\t')}\n`, { mode: 0o600, flag: 'wx' });
			chmodSync(temporary, 0o600);
			renameSync(temporary, real);
		} catch (error) {
			rmSync(temporary, { force: true });
			throw error;
		}
	});
}

/** A link to the file stays one. */
function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}

function readLogin(auths: JsonField, key: string): readonly (readonly [string, Login])[] {
	const entry = property(auths, key);
	if (entry === undefined) return [];
	const token = stringAt(entry, 'identitytoken');
	if (token !== '') return [[registryOfKey(key), { kind: 'identity-token', token }]];
	const auth = property(entry, 'auth');
	const pair = auth === undefined ? '' : Buffer.from(asString(auth), 'base64').toString('utf8').replace(/\0+$/, '');
	const colon = pair.indexOf(':');
	const username = colon === -1 ? stringAt(entry, 'username') : pair.slice(0, colon);
	const password = colon === -1 ? stringAt(entry, 'password') : pair.slice(colon + 1);
	return username === '' ? [] : [[registryOfKey(key), { kind: 'password', username, password }]];
}
