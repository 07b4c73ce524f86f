import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLogin, forgetLogin, keepLogin } from '../../../../src/image/registry/logins.ts';

const root = mkdtempSync(join(tmpdir(), 'tsrun-logins-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let home = '';
let count = 0;
beforeEach(() => {
	home = join(root, String(count++));
	mkdirSync(home);
});
const { PATH } = process.env;
afterEach(() => {
	process.env.PATH = PATH;
});

const write = (name: string, value: unknown): void => {
	mkdirSync(join(home, name, '..'), { recursive: true });
	writeFileSync(join(home, name), typeof value === 'string' ? value : JSON.stringify(value));
};
const env = () => ({ HOME: home, XDG_RUNTIME_DIR: join(home, 'run') });
const auth = (pair: string): object => ({ auth: Buffer.from(pair).toString('base64') });
const find = (host: string, repository = 'team/app') => findLogin({ host, repository }, env());
const user = async (host: string, repository?: string): Promise<string | undefined> => {
	const login = await find(host, repository);
	return login?.kind === 'password' ? login.username : login?.token;
};

describe('a login is found', () => {
	it('in the files of podman and docker, in this order', async () => {
		write('.docker/config.json', {
			auths: { 'a.io': auth('docker:x'), 'b.io': auth('docker:x'), 'c.io': auth('docker:x') },
		});
		write('.config/containers/auth.json', { auths: { 'a.io': auth('config:x'), 'b.io': auth('config:x') } });
		write('run/containers/auth.json', { auths: { 'a.io': auth('run:x') } });
		expect([await user('a.io'), await user('b.io'), await user('c.io'), await user('d.io')]).toEqual([
			'run',
			'config',
			'docker',
			undefined,
		]);
	});

	it('for the nearest part of the path', async () => {
		write('.docker/config.json', {
			auths: { 'a.io': auth('all:x'), 'a.io/team': auth('team:x'), 'a.io/team/app': auth('app:x') },
		});
		expect([await user('a.io'), await user('a.io', 'team/b'), await user('a.io', 'teams/b')]).toEqual([
			'app',
			'team',
			'all',
		]);
	});

	it.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'https://registry-1.docker.io'])(
		'for Docker’s registry under %s',
		async key => {
			write('.docker/config.json', { auths: { [key]: auth('me:x') } });
			expect(await user('docker.io')).toBe('me');
		},
	);

	it('with whatever the password has in it, as a refresh token, and from two fields', async () => {
		write('.docker/config.json', {
			auths: {
				'https://a.io/v2/': auth('me:p:w:ü'),
				'b.io': { ...auth('me:x'), identitytoken: 'refresh' },
				'c.io': { username: 'two', password: 'fields' },
				'd.io': {},
				'e.io': auth('nocolon'),
			},
		});
		expect(await find('a.io')).toEqual({ kind: 'password', username: 'me', password: 'p:w:ü' });
		expect(await find('b.io')).toEqual({ kind: 'identity-token', token: 'refresh' });
		expect(await find('c.io')).toEqual({ kind: 'password', username: 'two', password: 'fields' });
		expect([await find('d.io'), await find('e.io')]).toEqual([undefined, undefined]);
	});

	it('with a helper, before what the file says', async () => {
		const bin = join(home, 'bin');
		mkdirSync(bin);
		writeFileSync(
			join(bin, 'docker-credential-x'),
			'#!/bin/sh\nread server\ncase $server in\nh.io) echo \'{"Username":"helped","Secret":"s"}\';;\nt.io) echo \'{"Username":"<token>","Secret":"tok"}\';;\nbroken.io) echo oops; exit 1;;\n*) echo credentials not found in native keychain; exit 1;;\nesac\n',
		);
		chmodSync(join(bin, 'docker-credential-x'), 0o755);
		process.env.PATH = `${bin}:${PATH}`;
		write('.docker/config.json', { credsStore: 'x', auths: { 'h.io': auth('file:x'), 'n.io': auth('file:x') } });
		expect([await user('h.io'), await user('t.io'), await user('n.io'), await user('z.io')]).toEqual([
			'helped',
			'tok',
			'file',
			undefined,
		]);
		await expect(find('broken.io')).rejects.toThrow('credential helper docker-credential-x get failed: oops');
	});

	it.each(['../evil', '/bin/sh', 'a b', ''])('never with a helper that leads elsewhere: %j', async helper => {
		write('.docker/config.json', { credHelpers: { 'a.io': helper } });
		await expect(find('a.io')).rejects.toMatchObject({ code: 'TSRUN_CREDENTIAL_HELPER' });
	});

	it('not in a file that is no JSON, which is named', async () => {
		write('.docker/config.json', '{');
		await expect(find('a.io')).rejects.toMatchObject({
			code: 'TSRUN_BAD_AUTH_FILE',
			message: expect.stringContaining('config.json is not JSON'),
		});
	});
});

describe('a login is kept', () => {
	const login = { kind: 'password', username: 'me', password: 'pw' } as const;
	const file = () => join(home, '.docker/config.json');

	it('in docker’s file, which only its owner reads, beside all else that is there', async () => {
		write('.docker/config.json', { psFormat: 'x', auths: { 'b.io': auth('b:x'), 'https://a.io/v1/': auth('old:x') } });
		chmodSync(file(), 0o644);
		expect(await keepLogin('a.io', login, env())).toEqual({ path: file(), helper: undefined });
		expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
			psFormat: 'x',
			auths: { 'b.io': auth('b:x'), 'a.io': auth('me:pw') },
		});
		expect(statSync(file()).mode & 0o777).toBe(0o600);
		expect(await forgetLogin('a.io', env())).toBe(true);
		expect(await forgetLogin('a.io', env())).toBe(false);
		expect(await user('b.io')).toBe('b');
	});

	it('for Docker’s registry under docker’s own key', async () => {
		await keepLogin('docker.io', login, env());
		expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
			auths: { 'https://index.docker.io/v1/': auth('me:pw') },
		});
		expect(await user('docker.io')).toBe('me');
	});
});
