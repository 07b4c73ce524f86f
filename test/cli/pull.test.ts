import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { inTerminal } from '../kernel/support/in-terminal.ts';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { type Answer, type Asked, blobAnswer, fakeRegistry } from '../unit/image/registry/fake-registry.ts';
import { createCli } from './support.ts';

/** For the whole file; each test has a store of its own. */
const { sandbox: shared } = createCli();
const blobs = new Map<string, Buffer>();
let manifest: { readonly bytes: Buffer; readonly layers: readonly string[]; readonly config: string };

beforeAll(async () => {
	const dir = join(shared.dir, 'layout');
	await witnessImage(dir, { layers: [[{ name: 'second', data: 'x'.repeat(100_000) }]] });
	for (const hex of readdirSync(join(dir, 'blobs/sha256'))) {
		blobs.set(`sha256:${hex}`, readFileSync(join(dir, 'blobs/sha256', hex)));
	}
	const { manifests } = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as {
		manifests: { digest: string }[];
	};
	const bytes = blobs.get(manifests[0]?.digest ?? '') ?? Buffer.alloc(0);
	const { layers, config } = JSON.parse(bytes.toString()) as {
		layers: { digest: string }[];
		config: { digest: string };
	};
	manifest = { bytes, layers: layers.map(({ digest }) => digest), config: config.digest };
});
afterAll(() => shared.remove());

/** A registry that has the image, and answers some questions otherwise. */
async function registry(otherwise: (asked: Asked, bytes: Buffer) => Answer | undefined = () => undefined) {
	const fake = await fakeRegistry(asked => {
		const digest = /\/blobs\/(sha256:[0-9a-f]+)$/.exec(asked.path)?.[1];
		const bytes = digest === undefined ? manifest.bytes : (blobs.get(digest) ?? Buffer.alloc(0));
		const type = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
		return (
			otherwise(asked, bytes) ?? (digest === undefined ? { body: bytes, headers: type } : blobAnswer(asked, bytes))
		);
	});
	onTestFinished(() => fake.close());
	return { fake, name: `${fake.host}/team/app:1` };
}

const env = { CONTAINERS_REGISTRIES_CONF: '/dev/null' };

function fresh() {
	const { sandbox, tsrun } = createCli();
	onTestFinished(() => sandbox.remove());
	const names = (directory: string): readonly string[] => readdirSync(join(sandbox.root, directory));
	return {
		sandbox,
		tsrun,
		names,
		blobs: () => names('images/blobs/sha256'),
		pull: (name: string, ...flags: readonly string[]) => tsrun(['pull', '--tls-verify=false', ...flags, name], { env }),
	};
}

const isBlob = ({ path }: Asked, digest: string | undefined): boolean => path.endsWith(`/blobs/${digest}`);

describe('an image comes whole', () => {
	it.each<[string, (asked: Asked, bytes: Buffer) => Answer | undefined]>([
		[
			'where each layer’s connection ends in its middle',
			({ path, before }, bytes) =>
				before === 0 && path.includes('/blobs/') ? { body: bytes, dropAfter: bytes.length >> 1 } : undefined,
		],
		[
			'from a busy registry',
			({ before }) => (before === 0 ? { status: 503, headers: { 'retry-after': '0' } } : undefined),
		],
		[
			'slowly',
			({ path }, bytes) => (path.includes('/blobs/') ? { body: bytes, slow: { piece: 20_000, pause: 10 } } : undefined),
		],
	])('%s', async (_, otherwise) => {
		const { name } = await registry(otherwise);
		const { tsrun, pull, names, blobs } = fresh();
		expect((await pull(name, '-q')).stderr).toBe('');
		expect((await tsrun(['run', '--rm', '--pull', 'never', name, 'exit', '7'])).exitCode).toBe(7);
		expect(blobs()).toHaveLength(4);
		expect(names('tmp')).toEqual([]);
	});
});

describe('an image is refused, and nothing of it stays half-written,', () => {
	const changed = (bytes: Buffer): Buffer => {
		const copy = Buffer.from(bytes);
		copy[copy.length - 20] = (copy[copy.length - 20] ?? 0) ^ 1;
		return copy;
	};
	it.each<[string, (asked: Asked, bytes: Buffer) => Answer | undefined, RegExp]>([
		[
			'whose layer is another',
			(asked, bytes) => (isBlob(asked, manifest.layers[1]) ? { body: changed(bytes) } : undefined),
			/blob sha256:\w+ has the digest sha256:/,
		],
		[
			'whose config is another',
			(asked, bytes) => (isBlob(asked, manifest.config) ? { body: changed(bytes) } : undefined),
			/blob sha256:\w+ has the digest sha256:/,
		],
		[
			'whose layer is longer than it should be',
			(asked, bytes) => (isBlob(asked, manifest.layers[0]) ? { body: Buffer.concat([bytes, bytes]) } : undefined),
			/is \d+ bytes long where its descriptor says \d+/,
		],
		[
			'whose layer never ends',
			(asked, bytes) =>
				isBlob(asked, manifest.layers[0]) ? { body: Buffer.concat([bytes, bytes]), isChunked: true } : undefined,
			/is longer than the \d+ bytes of its descriptor/,
		],
		[
			'whose layer is not there',
			asked => (isBlob(asked, manifest.layers[1]) ? { status: 404, body: '' } : undefined),
			/answered 404 to blob sha256:/,
		],
		[
			'whose manifest is cut off',
			({ path }) => (path.includes('/manifests/') ? { body: '{"layers":[' } : undefined),
			/manifest 1 of .* is not JSON/,
		],
		[
			'whose registry is broken',
			() => ({ status: 500, headers: { 'retry-after': '0' }, body: 'out of cheese' }),
			/answered 500 to manifest 1: out of cheese/,
		],
		[
			'whose registry asks for ever who this is',
			({ path }) =>
				path.startsWith('/token')
					? { body: '{"token":"t"}' }
					: { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } },
			/wants a user name and a password/,
		],
	])('%s', async (_, otherwise, message) => {
		const { name } = await registry(otherwise);
		const { tsrun, pull, names } = fresh();
		const { exitCode, stdout, stderr } = await pull(name, '-q');
		expect([exitCode, stdout]).toEqual([125, '']);
		expect(stderr).toMatch(message);
		expect(stderr).toMatch(/^tsrun: [^\n]+\n( {2}hint: [^\n]+\n)?$/);
		expect((await tsrun(['images', '-q'])).stdout).toBe('');
		expect(names('tmp')).toEqual([]);
	});
});

it('after SIGKILL in the middle the next pull finishes, and leaves nothing of the first', async () => {
	const { name } = await registry(({ path }, bytes) =>
		path.includes('/blobs/') ? { body: bytes, slow: { piece: 10_000, pause: 30 } } : undefined,
	);
	const { sandbox, tsrun, pull, names } = fresh();
	for (const wait of [300, 700, 1100]) {
		const child = execa(TSRUN, ['pull', '--tls-verify=false', name], {
			env: { ...sandbox.env, ...env },
			reject: false,
			stdio: 'ignore',
		});
		await setTimeout(wait);
		child.kill('SIGKILL');
		await child;
	}
	expect((await pull(name, '-q')).exitCode).toBe(0);
	expect((await tsrun(['run', '--rm', '--pull', 'never', name, 'exit', '0'])).exitCode).toBe(0);
	expect((await tsrun(['rmi', '-f', name])).exitCode).toBe(0);
	expect([names('images/blobs/sha256'), names('layers')]).toEqual([[], []]);
});

it('on a terminal each layer has a line that changes, with how much of it came, and the reference comes last', async () => {
	const { name } = await registry(({ path }, bytes) =>
		path.includes('/blobs/') ? { body: bytes, slow: { piece: bytes.length >> 3, pause: 60 } } : undefined,
	);
	const { sandbox } = fresh();
	const terminal = inTerminal([TSRUN, 'pull', '--tls-verify=false', name], { env: { ...sandbox.env, ...env } });
	const { exitCode, output } = await terminal.end;
	expect(exitCode).toBe(0);
	const short = manifest.layers.map(digest => digest.slice(7, 19));
	for (const layer of short) {
		expect(output).toMatch(new RegExp(`\r\u001b\\[2K${layer}: Downloading \\[=*>? *\\] [0-9.]+k?B/[0-9.]+k?B`));
		expect(output).toMatch(new RegExp(`\r\u001b\\[2K${layer}: Pull complete`));
	}
	expect(output).toContain('\u001b[2A');
	const [status = '', reference] = output.trimEnd().split('\r\n').slice(-2);
	expect(status).toBe(`Status: Downloaded newer image for ${name}`);
	expect(reference).toBe(name);
});
