import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCli } from '../cli/support.ts';
import { homeThatTrusts, LOGIN, openTestRegistry, type TestRegistry } from './support/open-registry.ts';
import { openPushedImage, type PushedImage, run } from './support/pushed-image.ts';

let at: PushedImage['at'];
let close: PushedImage['close'];
beforeAll(async () => {
	({ at, close } = await openPushedImage());
});
afterAll(() => close());

describe('a registry with TLS and a login', () => {
	let guarded: TestRegistry;
	let home = '';
	beforeAll(async () => {
		guarded = await openTestRegistry({ tls: true, login: true });
		home = homeThatTrusts(guarded);
		run(
			'skopeo',
			'copy',
			'-q',
			'--dest-tls-verify=false',
			'--dest-creds',
			`${LOGIN.username}:${LOGIN.password}`,
			`oci:${at('layout')}:latest`,
			`docker://${guarded.host}/private/app:1`,
		);
	});
	afterAll(() => guarded.close());

	function guest(env: Readonly<Record<string, string>> = {}) {
		const cli = createCli();
		const all = {
			CONTAINERS_REGISTRIES_CONF: '/dev/null',
			HOME: home,
			XDG_RUNTIME_DIR: cli.sandbox.dir,
			DOCKER_CONFIG: join(cli.sandbox.dir, 'docker'),
			...env,
		};
		return {
			config: join(all.DOCKER_CONFIG, 'config.json'),
			tsrun: (words: readonly string[], input?: string) =>
				cli.tsrun(words, { env: all, ...(input === undefined ? {} : { input }) }),
			remove: cli.sandbox.remove,
		};
	}
	const name = (): string => `${guarded.host}/private/app:1`;

	it('is used after login, with a file that only its owner reads, and no more after logout', async () => {
		const { tsrun, config, remove } = guest();
		const without = await tsrun(['pull', name()]);
		expect([without.exitCode, without.stderr]).toEqual([
			125,
			`tsrun: ${name()}: registry ${guarded.host} wants a user name and a password\n  hint: tsrun login ${guarded.host}\n`,
		]);
		const wrong = await tsrun(['login', '-u', LOGIN.username, '--password-stdin', guarded.host], 'wrong');
		expect([wrong.exitCode, wrong.stderr]).toEqual([
			125,
			expect.stringContaining('the user name or the password is wrong'),
		]);
		expect(existsSync(config)).toBe(false);
		const right = await tsrun(['login', '-u', LOGIN.username, '--password-stdin', guarded.host], `${LOGIN.password}\n`);
		expect([right.exitCode, right.stdout]).toEqual([0, 'Login Succeeded\n']);
		expect(run('stat', '-c', '%a', config)).toBe('600\n');
		expect((await tsrun(['pull', '-q', name()])).exitCode).toBe(0);
		expect((await tsrun(['push', '-q', name(), `${guarded.host}/private/other:1`])).exitCode).toBe(0);
		// what it wrote, others read
		run(
			'skopeo',
			'inspect',
			'--authfile',
			config,
			'--cert-dir',
			join(home, '.config/containers/certs.d', guarded.host),
			`docker://${name()}`,
		);
		expect((await tsrun(['logout', guarded.host])).stdout).toBe(`Removing login credentials for ${guarded.host}\n`);
		expect((await tsrun(['pull', '-q', `${guarded.host}/private/other:1`])).exitCode).toBe(125);
		remove();
	});

	it('is used with the logins of podman, of docker, and of a helper', async () => {
		const auth = { auth: Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64') };
		const file = at('auth.json');
		writeFileSync(file, JSON.stringify({ auths: { [`${guarded.host}/private`]: auth } }));
		const byFile = guest({ REGISTRY_AUTH_FILE: file });
		expect((await byFile.tsrun(['pull', '-q', name()])).exitCode).toBe(0);
		byFile.remove();

		run(
			'podman',
			'login',
			'--authfile',
			at('podman.json'),
			'--tls-verify=false',
			'-u',
			LOGIN.username,
			'-p',
			LOGIN.password,
			guarded.host,
		);
		const byPodman = guest({ REGISTRY_AUTH_FILE: at('podman.json') });
		expect((await byPodman.tsrun(['pull', '-q', name()])).exitCode).toBe(0);
		byPodman.remove();

		const helper = at('docker-credential-test');
		writeFileSync(
			helper,
			`#!/bin/sh\nread server\n[ "$1 $server" = "get ${guarded.host}" ] && echo '{"Username":"${LOGIN.username}","Secret":"${LOGIN.password}"}'\n`,
			{ mode: 0o755 },
		);
		writeFileSync(at('helped.json'), JSON.stringify({ credHelpers: { [guarded.host]: 'test' } }));
		const byHelper = guest({ REGISTRY_AUTH_FILE: at('helped.json'), PATH: `${at('')}:${process.env.PATH}` });
		expect((await byHelper.tsrun(['pull', '-q', name()])).stderr).toBe('');
		byHelper.remove();
	});

	it('is not trusted without its authority, and is by SSL_CERT_FILE', async () => {
		const env = { HOME: at('nobody'), REGISTRY_AUTH_FILE: at('podman.json') };
		const stranger = guest(env);
		expect((await stranger.tsrun(['pull', '-q', name()])).stderr).toMatch(
			/cannot be reached: nobody that is trusted vouches for its certificate\n {2}hint: put the certificate of its authority at \/etc\/containers\/certs\.d\/127/,
		);
		stranger.remove();
		const trusting = guest({ ...env, SSL_CERT_FILE: guarded.ca });
		expect((await trusting.tsrun(['pull', '-q', name()])).stderr).toBe('');
		trusting.remove();
	});
});
