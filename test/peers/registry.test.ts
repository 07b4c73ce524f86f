import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCli } from '../cli/support.ts';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { homeThatTrusts, LOGIN, openTestRegistry, type TestRegistry } from './support/open-registry.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-pull-'));
const at = (name: string): string => join(dir, name);
let registry: TestRegistry;
let digest = '';

const run = (command: string, ...words: readonly string[]): string =>
	execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const digestAt = (name: string): string =>
	(JSON.parse(run('skopeo', 'inspect', '--tls-verify=false', `docker://${name}`)) as { Digest: string }).Digest;

beforeAll(async () => {
	registry = await openTestRegistry();
	await witnessImage(at('layout'), { layers: [[{ name: 'etc/second', data: 'layer two\n' }]], busybox: true });
	run(
		'skopeo',
		'copy',
		'-q',
		'--dest-tls-verify=false',
		`oci:${at('layout')}:latest`,
		`docker://${registry.host}/team/app:1`,
	);
	digest = digestAt(`${registry.host}/team/app:1`);
});
afterAll(async () => {
	await registry.close();
	rmSync(dir, { recursive: true, force: true });
});

/** A store of its own, and the command line with the registry named as insecure. */
function fresh() {
	const cli = createCli();
	const env = { CONTAINERS_REGISTRIES_CONF: registry.conf, HOME: cli.sandbox.dir, REGISTRY_AUTH_FILE: '' };
	return {
		sandbox: cli.sandbox,
		tsrun: (...words: readonly string[]) => cli.tsrun(words, { env }),
		env: { ...cli.sandbox.env, ...env },
		remove: cli.sandbox.remove,
	};
}

/** Nothing half-written, and each blob is what its name says. */
function expectSound(root: string): void {
	expect(readdirSync(join(root, 'tmp'))).toEqual([]);
	const blobs = join(root, 'images/blobs/sha256');
	for (const hex of readdirSync(blobs)) {
		expect(run('sha256sum', join(blobs, hex)).slice(0, 64)).toBe(hex);
	}
}

describe('pull', () => {
	it('brings an image that runs, tells its digest as the registry has it, and the second time that nothing is new', async () => {
		const { tsrun, sandbox, remove } = fresh();
		const name = `${registry.host}/team/app:1`;
		const first = await tsrun('pull', name);
		expect([first.exitCode, first.stdout]).toEqual([0, `${name}\n`]);
		expect(first.stderr).toMatch(
			new RegExp(
				`^1: Pulling from ${registry.host}/team/app\n([0-9a-f]{12}: Pull complete\n){2}Digest: ${digest}\nStatus: Downloaded newer image for ${name}\n$`,
			),
		);
		expect((await tsrun('run', '--rm', '--entrypoint', '/bin/sh', name, '-c', 'cat /etc/second')).stdout).toBe(
			'layer two\n',
		);
		const second = await tsrun('pull', name);
		expect(second.stderr).toContain(`Status: Image is up to date for ${name}\n`);
		expect((await tsrun('pull', '-q', name)).stderr).toBe('');
		expectSound(sandbox.root);
		remove();
	});

	it('by digest, and finds it by that digest again', async () => {
		const { tsrun, remove } = fresh();
		const name = `${registry.host}/team/app@${digest}`;
		expect((await tsrun('pull', name)).stdout).toBe(`${name}\n`);
		expect((await tsrun('run', '--rm', '--pull', 'never', name, 'exit', '3')).exitCode).toBe(3);
		expect((await tsrun('images')).stdout).toMatch(new RegExp(`^${registry.host}/team/app +<none> `, 'm'));
		const other = `sha256:${'0'.repeat(64)}`;
		const missing = await tsrun('pull', `${registry.host}/team/app@${other}`);
		expect([missing.exitCode, missing.stderr]).toEqual([
			125,
			`tsrun: ${registry.host}/team/app@${other}: registry ${registry.host} answered 404 to manifest ${other}: manifest unknown\n`,
		]);
		remove();
	});

	it('of one image by eight processes at once leaves one whole copy', async () => {
		const { sandbox, env, tsrun, remove } = fresh();
		const name = `${registry.host}/team/app:1`;
		const ends = await Promise.all(
			Array.from({ length: 8 }, () => execa(TSRUN, ['pull', name], { env, reject: false, stdin: 'ignore' })),
		);
		expect(ends.map(({ exitCode, stderr }) => [exitCode, exitCode === 0 ? '' : stderr])).toEqual(
			Array(8).fill([0, '']),
		);
		expectSound(sandbox.root);
		expect(readdirSync(join(sandbox.root, 'images/blobs/sha256'))).toHaveLength(4);
		expect((await tsrun('run', '--rm', name, 'exit', '0')).exitCode).toBe(0);
		remove();
	});

	it.each([
		['a name that is not there', 'nope:1', /answered 404 to manifest 1: manifest unknown\n$/],
		['another tag', 'team/app:2', /answered 404 to manifest 2: manifest unknown\n$/],
	])('of %s is an error with the registry’s words', async (_, name, message) => {
		const { tsrun, sandbox, remove } = fresh();
		const { exitCode, stderr, stdout } = await tsrun('pull', `${registry.host}/${name}`);
		expect([exitCode, stdout]).toEqual([125, '']);
		expect(stderr).toMatch(message);
		expectSound(sandbox.root);
		remove();
	});

	it('takes plain HTTP only where it is named', async () => {
		const { tsrun, remove } = fresh();
		const env = { CONTAINERS_REGISTRIES_CONF: '/dev/null' };
		const cli = createCli();
		const refused = await cli.tsrun(['pull', `${registry.host}/team/app:1`], { env });
		expect([refused.exitCode, refused.stderr]).toEqual([
			125,
			expect.stringContaining(
				`registry ${registry.host} cannot be reached: it does not speak TLS\n  hint: if it may be used without`,
			),
		]);
		expect(
			(await cli.tsrun(['pull', '-q', '--tls-verify=false', `${registry.host}/team/app:1`], { env })).exitCode,
		).toBe(0);
		cli.sandbox.remove();
		expect((await tsrun('pull', '-q', `${registry.host}/team/app:1`)).exitCode).toBe(0);
		remove();
	});

	it('takes short names from the search registries, and by alias and mirror', async () => {
		const conf = at('search.conf');
		writeFileSync(
			conf,
			`unqualified-search-registries = ["127.0.0.1:1", "${registry.host}"]\n[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n[[registry]]\nprefix = "mirrored.example"\nlocation = "127.0.0.1:1"\n[[registry.mirror]]\nlocation = "${registry.host}"\ninsecure = true\n[aliases]\n"short" = "${registry.host}/team/app"\n`,
		);
		const cli = createCli();
		const pull = (name: string) => cli.tsrun(['pull', '-q', name], { env: { CONTAINERS_REGISTRIES_CONF: conf } });
		expect((await pull('team/app:1')).stdout).toBe(`${registry.host}/team/app:1\n`);
		expect((await pull('short:1')).stdout).toBe(`${registry.host}/team/app:1\n`);
		expect((await pull('mirrored.example/team/app:1')).stdout).toBe('mirrored.example/team/app:1\n');
		const nowhere = await pull('team/app:9');
		expect(nowhere.stderr).toMatch(
			/^tsrun: image "team\/app:9" cannot be pulled: .*127\.0\.0\.1:1 cannot be reached: connection refused; .*answered 404 to manifest 9/,
		);
		cli.sandbox.remove();
	});
});

describe('what others push', () => {
	const storage = (): readonly string[] => [
		'--root',
		at('storage'),
		'--runroot',
		at('runroot'),
		'--storage-driver',
		'vfs',
	];

	const pushers: Readonly<Record<string, (name: string) => void>> = {
		'skopeo, in docker’s format': name =>
			void run(
				'skopeo',
				'copy',
				'-q',
				'--format',
				'v2s2',
				'--dest-tls-verify=false',
				`oci:${at('layout')}:latest`,
				`docker://${name}`,
			),
		'skopeo, with an index': name => {
			run(
				'skopeo',
				'copy',
				'-q',
				'--all',
				'--dest-tls-verify=false',
				`oci:${indexLayout()}:latest`,
				`docker://${name}`,
			);
		},
		buildah: name => {
			const id = run(
				'buildah',
				...storage(),
				'pull',
				'-q',
				'--tls-verify=false',
				`docker://${registry.host}/team/app:1`,
			).trim();
			run('buildah', ...storage(), 'push', '-q', '--tls-verify=false', id, `docker://${name}`);
		},
		podman: name => {
			const id = run('podman', ...storage(), 'pull', '-q', '--tls-verify=false', `${registry.host}/team/app:1`).trim();
			run('podman', ...storage(), 'push', '-q', '--tls-verify=false', id, `docker://${name}`);
		},
		umoci: name => {
			if (!existsSync(at('umoci'))) run('umoci', 'init', '--layout', at('umoci'));
			run('umoci', 'new', '--image', `${at('umoci')}:x`);
			run('umoci', 'insert', '--image', `${at('umoci')}:x`, '/bin/busybox', '/bin/busybox');
			run(
				'umoci',
				'config',
				'--image',
				`${at('umoci')}:x`,
				'--config.entrypoint',
				'/bin/busybox',
				'--config.entrypoint',
				'true',
			);
			run('skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${at('umoci')}:x`, `docker://${name}`);
		},
	};

	it.each(Object.keys(pushers))('%s: is pulled with the same digest, and runs', async pusher => {
		const name = `${registry.host}/from/${pusher.replace(/\W.*/, '')}:1`;
		pushers[pusher]?.(name);
		const raw = run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`);
		const pushed = `sha256:${execFileSync('sha256sum', { input: raw, encoding: 'utf8' }).slice(0, 64)}`;
		const { tsrun, sandbox, remove } = fresh();
		const { exitCode, stderr } = await tsrun('pull', name);
		expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`Digest: ${pushed}\n`)]);
		expect((await tsrun('run', '--rm', '--pull', 'never', name)).exitCode).toBe(0);
		expect((await tsrun('run', '--rm', '--pull', 'never', `${name.replace(/:1$/, '')}@${pushed}`)).exitCode).toBe(0);
		expectSound(sandbox.root);
		remove();
	});

	/** Two platforms, of which one is this machine's. */
	function indexLayout(): string {
		const path = at('index');
		if (existsSync(path)) return path;
		run('cp', '-r', at('layout'), path);
		const index = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as {
			manifests: Record<string, unknown>[];
		};
		const [manifest] = index.manifests;
		const blobs = join(path, 'blobs/sha256');
		const put = (value: unknown, mediaType: string) => {
			const text = JSON.stringify(value);
			const hex = execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64);
			writeFileSync(join(blobs, hex), text);
			return { mediaType, digest: `sha256:${hex}`, size: text.length };
		};
		const read = (value: string) => JSON.parse(readFileSync(join(blobs, value.slice(7)), 'utf8'));
		const own = read(String(manifest?.digest)) as { config: { digest: string; mediaType: string } };
		const config = read(own.config.digest) as Record<string, unknown>;
		const foreignConfig = put({ ...config, architecture: 's390x' }, own.config.mediaType);
		const type = 'application/vnd.oci.image.manifest.v1+json';
		const foreign = put({ ...own, config: foreignConfig }, type);
		const { annotations: _, ...plain } = manifest ?? {};
		const list = {
			schemaVersion: 2,
			mediaType: 'application/vnd.oci.image.index.v1+json',
			manifests: [
				{ ...foreign, platform: { os: 'linux', architecture: 's390x' } },
				{ ...plain, platform: { os: 'linux', architecture: config.architecture } },
			],
			annotations: { 'org.example.kept': 'yes' },
		};
		const top = put(list, list.mediaType);
		const named = { ...top, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
		writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
		return path;
	}

	it('of an index only this platform comes; with --platform another, with --all-platforms all, and skopeo reads them', async () => {
		const name = `${registry.host}/from/index:1`;
		run('skopeo', 'copy', '-q', '--all', '--dest-tls-verify=false', `oci:${indexLayout()}:latest`, `docker://${name}`);
		const { tsrun, sandbox, remove } = fresh();
		const blobs = () => readdirSync(join(sandbox.root, 'images/blobs/sha256')).length;
		expect((await tsrun('pull', '-q', name)).exitCode).toBe(0);
		expect(blobs()).toBe(5);
		expect((await tsrun('pull', '-q', '--platform', 'linux/arm64', name)).stderr).toMatch(
			/no image for platform linux\/arm64\n {2}hint: the image exists for linux\/s390x, linux\/\w+\n/,
		);
		const foreign = ['run', '--rm', '--platform', 'linux/s390x'];
		expect((await tsrun(...foreign, '--pull', 'never', name)).stderr).toMatch(/no image for platform linux\/s390x/);
		// the programs in it are this machine's: only its config says otherwise
		const pulled = await tsrun(...foreign, name, 'exit', '0');
		expect([pulled.exitCode, pulled.stderr]).toEqual([0, expect.stringContaining('Status: Downloaded newer image')]);
		expect((await tsrun(...foreign, '--pull', 'never', name, 'exit', '4')).exitCode).toBe(4);
		expect((await tsrun('pull', '-q', '--all-platforms', name)).exitCode).toBe(0);
		expect(blobs()).toBe(7);
		expect((await tsrun('run', '--rm', '--pull', 'never', name)).exitCode).toBe(0);
		run('skopeo', 'copy', '-q', '--all', `oci:${sandbox.root}/images:${name}`, `oci:${at('copy')}:x`);
		expectSound(sandbox.root);
		remove();
	});
});

describe('run', () => {
	it('brings an image that is missing, once, and says so on stderr alone', async () => {
		const { tsrun, remove } = fresh();
		const name = `${registry.host}/team/app:1`;
		const run = (...flags: readonly string[]) =>
			tsrun('run', '--rm', ...flags, '--entrypoint', '/bin/sh', name, '-c', 'echo out');
		const never = await run('--pull', 'never');
		expect([never.exitCode, never.stderr]).toEqual([125, expect.stringContaining(`no image "${name}" in the store`)]);
		const first = await run();
		expect([first.exitCode, first.stdout]).toEqual([0, 'out\n']);
		expect(first.stderr).toContain(`Unable to find image '${name}' in the store\nPulling from `);
		expect(first.stderr).toContain(`Status: Downloaded newer image for ${name}\n`);
		expect(await run()).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: '' });
		expect((await run('--pull', 'always')).stderr).toContain(`Status: Image is up to date for ${name}\n`);
		remove();
	});

	it('finds what a short name was pulled as, without asking again', async () => {
		const conf = at('short.conf');
		writeFileSync(
			conf,
			`unqualified-search-registries = ["${registry.host}"]\n[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
		);
		const cli = createCli();
		const run = () =>
			cli.tsrun(['run', '--rm', 'team/app:1', 'exit', '0'], { env: { CONTAINERS_REGISTRIES_CONF: conf } });
		expect((await run()).stderr).toContain('Status: Downloaded newer image');
		expect(await run()).toMatchObject({ exitCode: 0, stderr: '' });
		cli.sandbox.remove();
	});
});

describe('push', () => {
	it('sends what the registry lacks; others pull it with the same digest', async () => {
		const { tsrun, remove } = fresh();
		await tsrun('load', `oci:${at('layout')}:latest`, '-t', 'mine');
		const name = `${registry.host}/pushed/app:1`;
		const first = await tsrun('push', 'mine', name);
		expect([first.exitCode, first.stdout]).toEqual([0, `${name}\n`]);
		expect(first.stderr).toMatch(
			new RegExp(
				`^The push refers to repository \\[${registry.host}/pushed/app\\]\n([0-9a-f]{12}: Pushed\n){3}1: digest: ${digest} size: [0-9]+\n$`,
			),
		);
		expect(digestAt(name)).toBe(digest);
		run('skopeo', 'copy', '-q', '--src-tls-verify=false', `docker://${name}`, `oci:${at('pulled')}:x`);
		for (const tool of ['buildah', 'podman']) {
			const storage = ['--root', at(`${tool}-pull`), '--runroot', at(`${tool}-run`), '--storage-driver', 'vfs'];
			run(tool, ...storage, 'pull', '-q', '--tls-verify=false', `docker://${name}`);
			expect(run(tool, ...storage, 'images', '--digests', '--format', '{{.Digest}}')).toContain(digest);
		}
		const again = await tsrun('push', 'mine', name);
		expect(again.stderr).toMatch(/^The push refers .*\n([0-9a-f]{12}: Already exists\n){3}1: digest/);
		remove();
	});

	it('takes blobs over from another repository of the same registry', async () => {
		const { tsrun, remove } = fresh();
		await tsrun('pull', '-q', `${registry.host}/team/app:1`);
		const { stderr } = await tsrun('push', `${registry.host}/team/app:1`, `${registry.host}/mounted/app:2`);
		expect(stderr.match(/: Mounted\n/g)).toHaveLength(2);
		expect(digestAt(`${registry.host}/mounted/app:2`)).toBe(digest);
		remove();
	});

	it('sends a whole index as it is, and of a part of one the manifest', async () => {
		const source = `${registry.host}/from/index:1`;
		const { tsrun, remove } = fresh();
		await tsrun('pull', '-q', source);
		expect((await tsrun('push', '-q', source, `${registry.host}/part:1`)).exitCode).toBe(0);
		expect(run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${registry.host}/part:1`)).toContain(
			'"layers"',
		);
		await tsrun('pull', '-q', '--all-platforms', source);
		expect((await tsrun('push', '-q', source, `${registry.host}/whole:1`)).exitCode).toBe(0);
		const raw = (name: string) => run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`);
		expect(raw(`${registry.host}/whole:1`)).toBe(raw(source));
		expect(raw(source)).toContain('org.example.kept');
		remove();
	});

	it.each([
		['an image that is not there', ['nosuch', 'x/y'], /no image "nosuch" in the store/],
		['to a digest', ['mine', `x/y@sha256:${'0'.repeat(64)}`], /is not a name to push to/],
		['to a directory', ['mine', 'oci:/x'], /is not a name to push to/],
	])('refuses %s', async (_, words, message) => {
		const { tsrun, remove } = fresh();
		const { exitCode, stderr, stdout } = await tsrun('push', ...words);
		expect([exitCode, stdout]).toEqual([125, '']);
		expect(stderr).toMatch(message);
		remove();
	});
});

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
		const byHelper = guest({ REGISTRY_AUTH_FILE: at('helped.json'), PATH: `${dir}:${process.env.PATH}` });
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
