import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCli } from '../cli/support.ts';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { expectSound, openPushedImage, type PushedImage } from './support/pushed-image.ts';

let at: PushedImage['at'];
let registry: PushedImage['registry'];
let fresh: PushedImage['fresh'];
let digest = '';
let close: PushedImage['close'];
beforeAll(async () => {
	({ at, registry, fresh, digest, close } = await openPushedImage());
});
afterAll(() => close());

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
		const asked = registry.log().length;
		const second = await tsrun('pull', name);
		expect(second.stderr).toBe(
			`1: Pulling from ${registry.host}/team/app\nDigest: ${digest}\nStatus: Image is up to date for ${name}\n`,
		);
		const requests = registry
			.log()
			.slice(asked)
			.match(/"[A-Z]+ \/v2\/team\/\S+/g);
		expect(requests).toEqual(['"HEAD /v2/team/app/manifests/1']);
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

	it('goes on at the registry with a layer that its mirror breaks off, from where that ended', async () => {
		const broken = new Map<string, number>();
		const mirror = createServer(async (request, response) => {
			const from = await fetch(`http://${registry.host}${request.url}`, {
				method: request.method ?? 'GET',
				headers: { accept: request.headers.accept ?? '*/*' },
			});
			const bytes = Buffer.from(await from.arrayBuffer());
			const isLayer = bytes.length > 100_000;
			if (isLayer && request.headers.range !== undefined) {
				response.writeHead(404).end();
				return;
			}
			if (isLayer) broken.set(request.url ?? '', (broken.get(request.url ?? '') ?? 0) + 1);
			response.writeHead(from.status, {
				'content-type': from.headers.get('content-type') ?? '',
				'content-length': String(bytes.length),
			});
			if (isLayer) response.write(bytes.subarray(0, 65_536), () => setTimeout(() => response.destroy(), 20));
			else response.end(bytes);
		});
		await new Promise<void>(resolve => mirror.listen(0, '127.0.0.1', resolve));
		const { port } = mirror.address() as AddressInfo;
		const conf = at('mirror.conf');
		writeFileSync(
			conf,
			`[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n[[registry.mirror]]\nlocation = "127.0.0.1:${port}"\ninsecure = true\n`,
		);
		const cli = createCli();
		const asked = registry.log().length;
		const name = `${registry.host}/team/app:1`;
		const pulled = await cli.tsrun(['pull', '-q', name], { env: { CONTAINERS_REGISTRIES_CONF: conf } });
		expect(pulled).toMatchObject({ exitCode: 0, stderr: '' });
		expect([...broken.values()]).toEqual([1]);
		const [url = ''] = broken.keys();
		const parts = registry
			.log()
			.slice(asked)
			.split('\n')
			.filter(line => line.includes(`GET ${url} `) && / 206 /.test(line));
		expect(parts).toHaveLength(1);
		expectSound(cli.sandbox.root);
		cli.sandbox.remove();
		await new Promise(resolve => mirror.close(resolve));
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
