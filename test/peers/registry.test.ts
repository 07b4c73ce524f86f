import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCli } from '../cli/support.ts';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { openTestRegistry, type TestRegistry } from './support/open-registry.ts';

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
		expect((await tsrun('pull', '-q', '--all-platforms', name)).exitCode).toBe(0);
		expect(blobs()).toBe(7);
		expect((await tsrun('run', '--rm', '--pull', 'never', name)).exitCode).toBe(0);
		run('skopeo', 'copy', '-q', '--all', `oci:${sandbox.root}/images:${name}`, `oci:${at('copy')}:x`);
		expectSound(sandbox.root);
		remove();
	});
});
