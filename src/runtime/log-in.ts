import { TsrunError } from '../core/errors.ts';
import { DOCKER_HUB } from '../image/parse-reference.ts';
import type { Login } from '../image/registry/auth-files.ts';
import { pushEndpoint } from '../image/registry/endpoints.ts';
import { forgetLogin, type KeptLogin, keepLogin } from '../image/registry/logins.ts';
import { readRegistriesConf } from '../image/registry/read-registries-conf.ts';
import { registryError } from '../image/registry/registry-error.ts';
import { openSession } from '../image/registry/session.ts';
import type { RegistryOptions } from './registry-context.ts';

/** Asks the registry whether it takes the login, and keeps it. @throws TsrunError TSRUN_UNAUTHORIZED */
export async function logIn(
	server: string | undefined,
	login: Extract<Login, { kind: 'password' }>,
	{ env, tlsVerify }: RegistryOptions,
): Promise<KeptLogin> {
	const host = registryHost(server);
	const { isInsecure } = pushEndpoint(`${host}/`, readRegistriesConf(env));
	const session = openSession(
		{ host, repository: '', isInsecure: isInsecure || tlsVerify === false },
		{ env, actions: '', subject: `login of ${login.username}`, login },
	);
	try {
		const response = await session.request({ method: 'GET', to: '' });
		if (response.status === 401) {
			const { message } = await registryError(response, { subject: `login of ${login.username}`, host, what: 'it' });
			throw new TsrunError('TSRUN_UNAUTHORIZED', message, { hint: 'the user name or the password is wrong' });
		}
		if (response.status !== 200) {
			throw await registryError(response, { subject: `login of ${login.username}`, host, what: 'it' });
		}
		await response.drop();
	} finally {
		await session.close();
	}
	return keepLogin(host, login, env);
}

/** Says whether there was a login. @throws TsrunError */
export async function logOut(server: string | undefined, { env }: Pick<RegistryOptions, 'env'>): Promise<boolean> {
	return forgetLogin(registryHost(server), env);
}

/** `host[:port]` of what a user calls the registry; Docker's own unless told. @throws TsrunError TSRUN_BAD_REFERENCE */
export function registryHost(server: string | undefined): string {
	const bare = (server ?? DOCKER_HUB).replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
	if (['index.docker.io', 'registry-1.docker.io', 'docker.io'].includes(bare)) return DOCKER_HUB;
	if (/^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/.test(bare)) return bare;
	throw new TsrunError('TSRUN_BAD_REFERENCE', `registry ${JSON.stringify(bare.slice(0, 100))} is not valid`, {
		hint: 'expected HOST or HOST:PORT',
	});
}
