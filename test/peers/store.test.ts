import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostArchitecture, sha256, writeRawLayout } from '../../rootfs-fixtures/raw-layout.ts';
import { tarArchive } from '../../rootfs-fixtures/tar-archive.ts';
import { readFileInLayers, statInLayers } from '../../src/rootfs/lookup.ts';
import { ensureImage, loadImage } from '../../src/runtime/load-image.ts';
import { removeImage } from '../../src/runtime/remove-image.ts';
import { listImages } from '../../src/runtime/stored-image-list.ts';
import { openStore } from '../../src/store/open-store.ts';
import { bundleForNode } from '../kernel/support/bundle-for-node.ts';

const root = mkdtempSync(join(tmpdir(), 'tsrun-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const layout = join(root, 'layout');
const KEEP = { force: false };

const base = tarArchive([
	{ name: 'etc/', type: '5', mode: 0o755 },
	{ name: 'etc/passwd', data: 'root:x:0:0::/:/bin/sh\n' },
	{ name: 'etc/group', data: 'root:x:0:\n' },
	{ name: 'bin', type: '2', link: 'usr/bin' },
	{ name: 'usr/', type: '5', mode: 0o755 },
	{ name: 'usr/bin/', type: '5', mode: 0o755 },
	{ name: 'usr/bin/tool', data: '#!/bin/sh\n', mode: 0o755 },
]);
const change = tarArchive([
	{ name: 'etc/', type: '5', mode: 0o755 },
	{ name: 'etc/.wh.group', data: '' },
	{ name: 'etc/passwd', type: '2', link: '../usr/passwd' },
	{ name: 'usr/', type: '5', mode: 0o755 },
	{ name: 'usr/passwd', data: 'changed\n' },
]);

beforeAll(() => {
	writeRawLayout(layout, [
		{ ref: 'one', layers: [{ tar: base }], config: { Cmd: ['sh'] } },
		{ ref: 'two', layers: [{ tar: base }, { tar: change }], config: { Env: ['A=b'] } },
		{ ref: 'foreign', layers: [{ tar: base }], architecture: 's390x' },
	]);
});

const store = (name: string) => openStore(join(root, name));
const skopeo = (...args: readonly string[]): string =>
	execFileSync('skopeo', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('the store is an image layout that others read as it stands', () => {
	it('skopeo inspects it by name', async () => {
		const mine = store('skopeo');
		const { manifestDigest } = await loadImage(mine, `oci:${layout}:two`, { name: 'example.com/two:1' });
		const seen = JSON.parse(skopeo('inspect', `oci:${mine.images}:example.com/two:1`)) as Record<string, unknown>;
		expect(seen).toMatchObject({ Digest: manifestDigest, Env: ['A=b'], Architecture: hostArchitecture() });
		expect(seen.Layers).toHaveLength(2);
	});

	it('umoci unpacks from it', async () => {
		const mine = store('umoci');
		await loadImage(mine, `oci:${layout}:one`, { name: 'one' });
		execFileSync('umoci', ['unpack', '--image', `${mine.images}:one:latest`, join(root, 'bundle')], { stdio: 'pipe' });
		expect(readFileSync(join(root, 'bundle/rootfs/etc/passwd'), 'utf8')).toContain('root:x:0');
	});
});

describe('archives that skopeo makes', () => {
	it.each([
		['oci-archive', 'one.tar', 'saved:1'],
		['docker-archive', 'two.tar', 'docker.io/library/saved:1'],
	])('%s', async (transport, file, name) => {
		const path = join(root, `${transport}-${file}`);
		skopeo('copy', '--insecure-policy', `oci:${layout}:two`, `${transport}:${path}:${name}`);
		const mine = store(transport);
		const loaded = await loadImage(mine, `${transport}:${path}`);
		expect(loaded.names).toEqual(['saved:1']);
		const image = await ensureImage(mine, 'saved:1');
		expect(image.config.config.env).toContain('A=b');
		expect(image.layerDirs).toHaveLength(2);
		expect(readFileInLayers(image.layerDirs.toReversed(), '/etc/passwd', 1000)?.toString()).toBe('changed\n');
		expect((await ensureImage(mine, `${transport}:${path}`)).layerDirs).toEqual(image.layerDirs);
	});
});

describe('an image', () => {
	it('that is there is found without a write', async () => {
		const mine = store('again');
		const lines: string[] = [];
		const options = { onProgress: (line: string) => lines.push(line) };
		const first = await ensureImage(mine, `oci:${layout}:two`, options);
		expect(lines.filter(line => line.startsWith('extracting'))).toHaveLength(2);
		const before = readdirSync(mine.root, { recursive: true, encoding: 'utf8' }).map(name => [
			name,
			statSync(join(mine.root, name), { throwIfNoEntry: false })?.ctimeMs,
		]);
		expect(await ensureImage(mine, `oci:${layout}:two`, options)).toEqual(first);
		expect(lines).toHaveLength(4);
		expect(
			readdirSync(mine.root, { recursive: true, encoding: 'utf8' }).map(name => [
				name,
				statSync(join(mine.root, name), { throwIfNoEntry: false })?.ctimeMs,
			]),
		).toEqual(before);
	});

	it('whose layer was lost is extracted again', async () => {
		const mine = store('lost');
		const first = await ensureImage(mine, `oci:${layout}:two`);
		rmSync(first.layerDirs[1] ?? '', { recursive: true });
		rmSync(`${first.layerDirs[1]}.json`);
		const second = await ensureImage(mine, `oci:${layout}:two`);
		expect(second).toEqual(first);
		expect(existsSync(second.layerDirs[1] ?? '')).toBe(true);
	});

	it('of another platform is refused, and taken when it is asked for', async () => {
		const mine = store('platform');
		const text = `oci:${layout}:foreign`;
		await expect(ensureImage(mine, text)).rejects.toMatchObject({
			code: 'TSRUN_NO_PLATFORM',
			message: expect.stringContaining('is for linux/s390x'),
		});
		expect(readdirSync(join(mine.images, 'blobs/sha256'))).toEqual([]);
		expect((await ensureImage(mine, text, { platform: 'linux/s390x' })).config.architecture).toBe('s390x');
		await expect(ensureImage(mine, text, { platform: 'linux/mips' })).rejects.toMatchObject({
			code: 'TSRUN_NO_PLATFORM',
		});
	});

	it('shares its layers with others', async () => {
		const mine = store('share');
		const [one, two] = [await ensureImage(mine, `oci:${layout}:one`), await ensureImage(mine, `oci:${layout}:two`)];
		expect(two.layerDirs[0]).toBe(one.layerDirs[0]);
	});

	it('can be looked into without a mount', async () => {
		const { layerDirs } = await ensureImage(store('look'), `oci:${layout}:two`);
		const layers = layerDirs.toReversed();
		expect(readFileInLayers(layers, '/etc/group', 100)).toBeUndefined();
		expect(statInLayers(layers, '/bin/tool', 4096)).toMatchObject({
			type: 'file',
			mode: 0o755,
			path: '/usr/bin/tool',
			head: Buffer.from('#!/bin/sh\n'),
		});
		expect(statInLayers(layers, '/bin')).toMatchObject({ type: 'directory', path: '/usr/bin' });
		expect(statInLayers(layers, '/bin/nothing')).toBeUndefined();
		expect(statInLayers(layers, '/etc/passwd/x')).toBeUndefined();
		expect(statInLayers(layers, '/../../usr/../etc')).toMatchObject({ path: '/etc' });
	});
});

describe('removing an image', () => {
	it('leaves nothing of it and all of the others', async () => {
		const mine = store('remove');
		await loadImage(mine, `oci:${layout}:one`, { name: 'one' });
		await loadImage(mine, `oci:${layout}:two`, { name: 'two' });
		expect(listImages(mine).map(({ name }) => name)).toEqual(['one:latest', 'two:latest']);
		const two = await ensureImage(mine, 'two');
		const removed = await removeImage(mine, 'two', KEEP);
		expect(removed.untagged).toEqual(['two:latest']);
		expect(removed.deleted).toHaveLength(3);
		expect(two.layerDirs.map(path => existsSync(path))).toEqual([true, false]);
		await expect(ensureImage(mine, 'two')).rejects.toMatchObject({ code: 'TSRUN_NO_IMAGE', hint: expect.any(String) });
		expect((await ensureImage(mine, 'one')).config.config.cmd).toEqual(['sh']);
		await removeImage(mine, 'one', KEEP);
		for (const directory of [mine.layers, mine.resolved, mine.tmp, join(mine.images, 'blobs/sha256')])
			expect(readdirSync(directory), directory).toEqual([]);
	});
});

/** Runs the sources in a process of its own; what it prints is JSON. */
async function runBundled(
	sources: readonly string[],
	body: string,
	wrap: readonly string[] = [],
): Promise<Record<string, unknown>> {
	const bundles = await Promise.all(sources.map(bundleForNode));
	try {
		const imports = bundles.map(({ path }) => `Object.assign(api, await import(${JSON.stringify(path)}));`).join('\n');
		const script = `const api = {};\n${imports}\n${body}`;
		const [command = '', ...args] = [...wrap, process.execPath, '--input-type=module', '-e', script];
		return JSON.parse(execFileSync(command, args, { encoding: 'utf8', timeout: 30_000 })) as Record<string, unknown>;
	} finally {
		for (const bundle of bundles) bundle.remove();
	}
}

describe('a full disk in the middle of a layer', () => {
	it('is one clear error, and leaves nothing behind', async () => {
		const big = join(root, 'big');
		const files = Array.from({ length: 40 }, (_, index) => ({
			name: `f${index}`,
			data: Buffer.alloc(1_000_000, index),
		}));
		writeRawLayout(big, [{ layers: [{ tar: tarArchive(files) }] }]);
		const place = join(root, 'small');
		mkdirSync(place);
		const body = `
			const store = api.openStore('${place}/store');
			const failure = await api.ensureImage(store, 'oci:${big}').then(() => ({}), error => error);
			const { readdirSync } = await import('node:fs');
			const left = [...readdirSync(store.tmp), ...readdirSync(store.layers)];
			console.log(JSON.stringify({ code: failure.code, message: failure.message, hint: failure.hint, left }));
		`;
		const wrap = ['unshare', '-m', 'sh', '-c', `mount -t tmpfs -o size=8m tmpfs ${place} && exec "$@"`, 'sh'];
		const sources = ['src/runtime/load-image.ts', 'src/store/open-store.ts'];
		const { code, message, hint, left } = await runBundled(sources, body, wrap);
		expect({ code, left }).toEqual({ code: 'TSRUN_DISK_FULL', left: [] });
		expect(message).toMatch(/no space left on device$/);
		expect(hint).toContain('df');
	});
});

describe('threads', () => {
	it('write one layer after the other, and pass errors of either side on', async () => {
		expect(existsSync(join(import.meta.dirname, '../../dist/lib/extract-worker.js')), 'npm run build').toBe(true);
		const big = Buffer.from(Array.from({ length: 700_000 }, (_, line) => `${line}\n`).join(''));
		const tars = [
			tarArchive([{ name: 'a', data: 'a' }]),
			tarArchive([{ name: 'b', data: 'b' }]),
			tarArchive([{ name: 'big', data: big }]),
			tarArchive([{ name: 'in/c', data: 'c' }]),
			tarArchive([{ name: 'big', data: big }]),
			tarArchive([{ name: '../out', data: 'c' }]),
			tarArchive([{ name: 'd', data: 'd' }]),
		];
		const jobs = tars.map((tar, index) => {
			const [target, blob] = [join(root, `thread-${index}`), join(root, `thread-${index}.tar`)];
			mkdirSync(target);
			writeFileSync(blob, index === 2 ? gzipSync(tar) : tar);
			return {
				blob,
				diffId: index === 4 || index === 5 ? `sha256:${'0'.repeat(64)}` : sha256(tar),
				target,
				...(index === 3 ? {} : { lower: [] }),
				limits: { maxEntries: 9, maxBytes: 1e8 },
				overlayXattrs: 'trusted.overlay.',
			};
		});
		const body = `
			const pool = api.openExtractPool({ threads: 2 });
			const ended = await Promise.allSettled(${JSON.stringify(jobs)}.map(pool.extract));
			await pool.close();
			console.log(JSON.stringify({ kinds: ended.map(({ value, reason }) => value?.kind ?? reason.code) }));
		`;
		const { kinds } = await runBundled(['src/rootfs/extract-pool.ts'], body);
		const done = 'extracted';
		expect(kinds).toEqual([done, done, done, 'needs-lower', 'TSRUN_BAD_BLOB', 'TSRUN_BAD_LAYER', done]);
		expect(readFileSync(join(root, 'thread-2/big')).equals(big)).toBe(true);
		expect(readFileSync(join(root, 'thread-6/d'), 'utf8')).toBe('d');
	});

	it('that ends before its layer is written fails that layer', async () => {
		const [blob, target] = [join(root, 'endless.tar'), join(root, 'endless')];
		writeFileSync(blob, tarArchive([{ name: 'a', data: 'a' }]));
		mkdirSync(target);
		const job = {
			blob,
			diffId: `sha256:${'0'.repeat(64)}`,
			target,
			lower: [],
			limits: { maxEntries: 9, maxBytes: 1e6 },
		};
		const body = `
			const { Worker } = await import('node:worker_threads');
			const worker = new Worker('setTimeout(() => process.exit(7), 50)', { eval: true });
			const ended = await api.extractInThread(worker, ${JSON.stringify(job)}).catch(error => error);
			console.log(JSON.stringify({ message: ended.message }));
		`;
		const { message } = await runBundled(['src/rootfs/extract-in-thread.ts'], body);
		expect(message).toBe('the thread that writes a layer ended with 7');
	});
});

describe('what other tools write into the store', () => {
	const cli = (mine: { readonly root: string }, ...words: readonly string[]): string =>
		execFileSync(join(import.meta.dirname, '../../dist/tsrun'), words, {
			encoding: 'utf8',
			env: { ...process.env, TSRUN_ROOT: mine.root, TSRUN_STATE: join(root, 'state') },
		});

	it('tsrun sees: an image that skopeo copies, whatever spelling of its name', async () => {
		const mine = store('written');
		await loadImage(mine, `oci:${layout}:one`, { name: 'one' });
		skopeo('copy', '-q', `oci:${layout}:two`, `oci:${mine.images}:docker.io/library/theirs:1`);
		skopeo('copy', '-q', `oci:${layout}:two`, `oci:${mine.images}:other`);
		expect(listImages(mine).map(({ name }) => name)).toEqual(['one:latest', 'other:latest', 'theirs:1']);
		const image = await ensureImage(mine, 'theirs:1');
		expect(readFileInLayers(image.layerDirs.toReversed(), '/etc/passwd', 1000)?.toString()).toBe('changed\n');
		expect(cli(mine, 'system', 'check')).toMatch(/: 0 damaged, 0 of no use\n$/);
		await removeImage(mine, 'theirs:1', KEEP);
		await removeImage(mine, 'other', KEEP);
		expect(cli(mine, 'system', 'check')).toMatch(/: 0 damaged, 0 of no use\n$/);
		expect((await ensureImage(mine, 'one')).config.config.cmd).toEqual(['sh']);
	});

	it('tsrun sees: a tag and a layer that umoci makes, and skopeo what tsrun has tagged', async () => {
		const mine = store('umoci-writes');
		await loadImage(mine, `oci:${layout}:one`, { name: 'one' });
		execFileSync('umoci', ['tag', '--image', `${mine.images}:one:latest`, 'again'], { stdio: 'pipe' });
		execFileSync('umoci', ['unpack', '--image', `${mine.images}:one:latest`, join(root, 'edited')], { stdio: 'pipe' });
		writeFileSync(join(root, 'edited/rootfs/added'), 'by umoci');
		execFileSync('umoci', ['repack', '--image', `${mine.images}:edited`, join(root, 'edited')], { stdio: 'pipe' });
		expect((await ensureImage(mine, 'again')).config.config.cmd).toEqual(['sh']);
		const { layerDirs } = await ensureImage(mine, 'edited');
		expect(readFileInLayers(layerDirs.toReversed(), '/added', 100)?.toString()).toBe('by umoci');
		cli(mine, 'tag', 'edited', 'example.com/mine:3');
		expect(JSON.parse(skopeo('inspect', `oci:${mine.images}:example.com/mine:3`)).Layers).toHaveLength(2);
		execFileSync('umoci', ['gc', '--layout', mine.images], { stdio: 'pipe' });
		expect(cli(mine, 'system', 'check')).toMatch(/: 0 damaged, 0 of no use\n$/);
	});

	it('is verified before it is used', async () => {
		const mine = store('unverified');
		skopeo('copy', '-q', `oci:${layout}:two`, `oci:${mine.images}:two`);
		const blobs = join(mine.images, 'blobs/sha256');
		for (const name of readdirSync(blobs)) {
			const bytes = readFileSync(join(blobs, name));
			if (bytes[0] === 0x7b) writeFileSync(join(blobs, name), bytes.toString().replace('"linux"', '"linuy"'));
		}
		await expect(ensureImage(mine, 'two')).rejects.toMatchObject({ code: 'TSRUN_BAD_BLOB' });
	});
});
