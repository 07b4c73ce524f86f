import { execFileSync } from 'node:child_process';
import {
	chmodSync,
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
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_IMAGES } from '../../rootfs-fixtures/hostile-layers.ts';
import { type RawLayer, sha256, writeRawLayout } from '../../rootfs-fixtures/raw-layout.ts';
import { type TarEntry, tarArchive } from '../../rootfs-fixtures/tar-archive.ts';
import { parseContainerId, parseDigest } from '../../src/core/brands.ts';
import { TsrunError } from '../../src/core/errors.ts';
import { DEFAULT_LIMITS, extractLayer } from '../../src/rootfs/extract-layer.ts';
import { readFileInLayers } from '../../src/rootfs/lookup.ts';
import { createSnapshot } from '../../src/rootfs/snapshot.ts';
import { ensureImage, type ReadyImage } from '../../src/runtime/load-image.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { compareTrees, readTree, type TreeFacts } from './support/compare-trees.ts';
import { mountOverlay } from './support/overlay-view.ts';
import { SLOWNESS, STRIDE } from './support/slowness.ts';

const root = mkdtempSync(join(tmpdir(), 'tsrun-hostile-'));
const canary = join(root, 'canary');
let before: TreeFacts;
let count = 0;

beforeAll(() => {
	mkdirSync(join(canary, 'dir'), { recursive: true });
	for (const [name, mode] of [
		['secret', 0o600],
		['dir/inner', 0o644],
	] as const) {
		writeFileSync(join(canary, name), `canary ${name}`);
		chmodSync(join(canary, name), mode);
	}
	execFileSync('setfattr', ['-n', 'user.canary', '-v', 'sings', join(canary, 'secret')]);
	before = readTree(canary);
});
afterEach(() => {
	expect(compareTrees(before, readTree(canary))).toEqual([]);
	expect(readdirSync(root).filter(name => name.includes('planted'))).toEqual([]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Attempt {
	readonly store: Store;
	readonly image?: ReadyImage;
	readonly error?: TsrunError;
}

/** Unpacks an image into a store of its own. Anything but success and TsrunError is a bug and fails the test. */
async function unpack(layers: readonly RawLayer[], limits = DEFAULT_LIMITS): Promise<Attempt> {
	const place = join(root, String(count++));
	writeRawLayout(join(place, 'layout'), [{ layers }]);
	const store = openStore(join(place, 'store'));
	try {
		return { store, image: await ensureImage(store, `oci:${join(place, 'layout')}`, { limits }) };
	} catch (error) {
		if (error instanceof TsrunError) return { store, error };
		throw error;
	}
}

function expectNothingLeft({ store }: Attempt, layers: number): void {
	expect(readdirSync(store.tmp)).toEqual([]);
	expect(readdirSync(store.layers).filter(name => !name.endsWith('.json')).length).toBeLessThan(layers);
}

/** With `CANARY` as the real path, which is below the root when it is taken for a path of the image. */
function place(entry: TarEntry): TarEntry {
	const put = (text: string | Buffer): string | Buffer =>
		typeof text === 'string' ? text.replace('CANARY', canary) : text;
	const name = put(entry.name);
	const link = entry.link === undefined ? {} : { link: put(entry.link) };
	const isLong = Buffer.byteLength(name) > 100 || Buffer.byteLength(link.link ?? '') > 100;
	return { ...entry, name, ...link, ...(isLong ? { gnuLong: true } : {}) };
}

describe('a hostile layer leaves the host as it was', () => {
	it.each(HOSTILE_IMAGES)('$title', async ({ layers, refused, survivors = {}, absent = [] }) => {
		const attempt = await unpack(layers.map(entries => ({ tar: tarArchive(entries.map(place)) })));
		expect(attempt.error?.code).toBe(refused);
		if (attempt.image === undefined) {
			expectNothingLeft(attempt, layers.length);
			return;
		}
		const snapshot = createSnapshot(parseContainerId('a'.repeat(64)), {
			containers: attempt.store.containers,
			...attempt.image,
		});
		const view = await mountOverlay(attempt.store.layers, snapshot);
		try {
			for (const [path, data] of Object.entries(survivors)) {
				const inside = join(view.path, path.replace('CANARY', canary));
				if (data === '') expect(statSync(inside).isDirectory()).toBe(true);
				else expect(readFileSync(inside, 'utf8'), path).toBe(data);
			}
			for (const path of absent) {
				const inside = join(view.path, path.replace('CANARY', canary));
				expect(existsSync(inside), path).toBe(false);
			}
			// a whiteout of nothing would show in listings and be gone when it is looked at
			expect(readTree(view.path).size).toBeGreaterThan(0);
		} finally {
			await view.close();
		}
	});
});

describe('a blob that is not what its descriptor says', () => {
	const tar = tarArchive([{ name: 'f', data: 'x'.repeat(100_000) }]);
	const gzip = gzipSync(tar);
	const cases: readonly (readonly [string, RawLayer, string])[] = [
		['truncated gzip', { tar, blob: gzip.subarray(0, -20) }, 'TSRUN_BAD_LAYER'],
		['truncated tar', { tar: tar.subarray(0, 5000), gzip: false }, 'TSRUN_BAD_LAYER'],
		[
			'corrupt gzip',
			{ tar, blob: Buffer.concat([gzip.subarray(0, 30), Buffer.alloc(40, 7), gzip.subarray(70)]) },
			'TSRUN_BAD_LAYER',
		],
		['rubbish', { tar, blob: Buffer.alloc(3000, 'rubbish') }, 'TSRUN_BAD_LAYER'],
		['zstd', { tar, blob: Buffer.from('28b52ffd00000000', 'hex') }, 'TSRUN_BAD_LAYER'],
		['a wrong diffID', { tar, diffId: `sha256:${'0'.repeat(64)}` }, 'TSRUN_BAD_BLOB'],
		['longer than its descriptor', { tar, size: 10 }, 'TSRUN_BAD_BLOB'],
		['shorter than its descriptor', { tar, size: 1_000_000 }, 'TSRUN_BAD_BLOB'],
		['a negative size', { tar, size: -1 }, 'TSRUN_BAD_IMAGE'],
	];
	it.each(cases)('%s', async (_, layer, code) => {
		const attempt = await unpack([layer]);
		expect(attempt.error?.code).toBe(code);
		expectNothingLeft(attempt, 1);
	});

	it('another blob under its name', async () => {
		const place = join(root, String(count++));
		const [manifest] = writeRawLayout(join(place, 'layout'), [{ layers: [{ tar }] }]);
		for (const name of readdirSync(join(place, 'layout/blobs/sha256'))) {
			if (manifest?.digest.endsWith(name) === true) continue;
			const path = join(place, 'layout/blobs/sha256', name);
			const bytes = readFileSync(path);
			writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]));
		}
		const store = openStore(join(place, 'store'));
		await expect(ensureImage(store, `oci:${join(place, 'layout')}`)).rejects.toMatchObject({ code: 'TSRUN_BAD_BLOB' });
		expect(readdirSync(store.tmp)).toEqual([]);
	});
});

describe('documents without sense or measure', () => {
	const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
	const INDEX = 'application/vnd.oci.image.index.v1+json';
	const CONFIG = 'application/vnd.oci.image.config.v1+json';
	const put = (layout: string, mediaType: string, value: unknown) => {
		const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
		const digest = sha256(bytes);
		writeFileSync(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), bytes);
		return { mediaType, digest, size: bytes.length };
	};
	type Put = (mediaType: string, value: unknown) => { mediaType: string; digest: string; size: number };
	const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } };
	const image = (write: Put, change: object = {}, configChange: object = {}) =>
		write(MANIFEST, { schemaVersion: 2, config: write(CONFIG, { ...config, ...configChange }), layers: [], ...change });
	const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
	const many = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

	it.each<readonly [string, (write: Put) => object, string]>([
		['a manifest that is no JSON', write => write(MANIFEST, Buffer.from('{')), 'TSRUN_BAD_IMAGE'],
		['a manifest that is a number', write => write(MANIFEST, 7), 'TSRUN_BAD_IMAGE'],
		['a manifest of 5 MB', write => image(write, { annotations: { a: 'x'.repeat(5_000_000) } }), 'TSRUN_BAD_IMAGE'],
		['a manifest nested 40 deep', write => image(write, { x: nested(40) }), 'TSRUN_BAD_IMAGE'],
		['JSON nested 100,000 deep', write => write(MANIFEST, Buffer.from('['.repeat(100_000))), 'TSRUN_BAD_IMAGE'],
		['a manifest that is also an index (CVE-2021-41190)', write => image(write, { manifests: [] }), 'TSRUN_BAD_IMAGE'],
		['a manifest of 501 layers', write => image(write, { layers: many(501, write(MANIFEST, 1)) }), 'TSRUN_BAD_IMAGE'],
		['a size of 2^60', write => ({ ...image(write), size: 2 ** 60 }), 'TSRUN_BAD_IMAGE'],
		['a size that is a text', write => ({ ...image(write), size: '10' }), 'TSRUN_BAD_IMAGE'],
		[
			'a digest that climbs (CVE-2024-3727)',
			write => ({ ...image(write), digest: 'sha256:../../../x' }),
			'TSRUN_BAD_IMAGE',
		],
		[
			'a manifest of another digest',
			write => ({ ...image(write), ...{ digest: image(write, { x: 1 }).digest } }),
			'TSRUN_BAD_BLOB',
		],
		['a config that is an array', write => image(write, { config: write(CONFIG, []) }), 'TSRUN_BAD_IMAGE'],
		[
			'a config of more layers',
			write => image(write, {}, { rootfs: { type: 'layers', diff_ids: many(3, `sha256:${'0'.repeat(64)}`) } }),
			'TSRUN_BAD_IMAGE',
		],
		[
			'a config of 20,000 diffIDs',
			write => image(write, {}, { rootfs: { type: 'layers', diff_ids: many(20_000, `sha256:${'0'.repeat(64)}`) } }),
			'TSRUN_BAD_IMAGE',
		],
		['an environment with NUL', write => image(write, {}, { config: { Env: ['A=\0'] } }), 'TSRUN_BAD_IMAGE'],
		['an environment of numbers', write => image(write, {}, { config: { Env: [1] } }), 'TSRUN_BAD_IMAGE'],
		[
			'indexes nested too deep (CVE-2026-53493)',
			write => {
				let entry = image(write);
				for (let depth = 0; depth < 6; depth++) entry = write(INDEX, { schemaVersion: 2, manifests: [entry] });
				return entry;
			},
			'TSRUN_BAD_IMAGE',
		],
		[
			'an index that fans out',
			write => {
				let entry: object = image(write);
				for (let depth = 0; depth < 3; depth++)
					entry = write(INDEX, { schemaVersion: 2, manifests: many(9000, entry) });
				return entry;
			},
			'TSRUN_NO_PLATFORM',
		],
		[
			'an index of 10,001 entries',
			write => write(INDEX, { schemaVersion: 2, manifests: many(10_001, image(write)) }),
			'TSRUN_BAD_IMAGE',
		],
	])('%s', async (_, make, code) => {
		const place = join(root, String(count++));
		const layout = join(place, 'layout');
		mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
		writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
		const entry = make((mediaType, value) => put(layout, mediaType, value));
		writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
		const store = openStore(join(place, 'store'));
		const start = performance.now();
		await expect(ensureImage(store, `oci:${layout}`)).rejects.toMatchObject({ name: 'TsrunError', code });
		expect(performance.now() - start).toBeLessThan(10_000 * SLOWNESS);
		expect([
			...readdirSync(store.tmp),
			...readdirSync(store.layers),
			...readdirSync(join(store.images, 'blobs/sha256')),
		]).toEqual([]);
	});
});

describe('limits', () => {
	it('stop a layer that unpacks to more than they allow, and free the space', async () => {
		const bomb = tarArchive([{ name: 'zeros', data: Buffer.alloc(50_000_000) }]);
		const attempt = await unpack([{ tar: bomb }], { ...DEFAULT_LIMITS, maxBytes: 10_000_000 });
		expect(attempt.error?.code).toBe('TSRUN_LAYER_TOO_LARGE');
		expectNothingLeft(attempt, 1);
	});

	it('stop a layer of too many entries', async () => {
		const many = tarArchive(Array.from({ length: 2000 }, (_, index) => ({ name: `f${index}` })));
		const attempt = await unpack([{ tar: many }], { ...DEFAULT_LIMITS, maxEntries: 1000 });
		expect(attempt.error?.code).toBe('TSRUN_BAD_LAYER');
		expectNothingLeft(attempt, 1);
	});
});

describe('a passwd that is not a file (CVE-2024-9676)', () => {
	it.each<readonly [string, TarEntry, string | undefined]>([
		['a FIFO', { name: 'etc/passwd', type: '6', mode: 0o644 }, 'TSRUN_BAD_IMAGE_FILE'],
		['a device', { name: 'etc/passwd', type: '3', device: [1, 5], mode: 0o644 }, 'TSRUN_BAD_IMAGE_FILE'],
		['a directory', { name: 'etc/passwd', type: '5', mode: 0o755 }, 'TSRUN_BAD_IMAGE_FILE'],
		['too large', { name: 'etc/passwd', data: Buffer.alloc(2000, 'x') }, 'TSRUN_BAD_IMAGE_FILE'],
		['a symlink to the host', { name: 'etc/passwd', type: '2', link: '/../../../../../etc/hostname' }, undefined],
		['a symlink to a device of the host', { name: 'etc/passwd', type: '2', link: '/dev/zero' }, undefined],
		['a symlink to itself', { name: 'etc/passwd', type: '2', link: 'passwd' }, undefined],
	])('%s', async (_, entry, code) => {
		const { image } = await unpack([{ tar: tarArchive([{ name: 'etc', type: '5', mode: 0o755 }, entry]) }]);
		const read = (): unknown => readFileInLayers(image?.layerDirs.toReversed() ?? [], '/etc/passwd', 1000);
		if (code === undefined) expect(read()).toBeUndefined();
		else expect(read).toThrow(expect.objectContaining({ code }));
	});
});

describe('two unpacks of related layers at once (CVE-2025-47290)', () => {
	it('end in the same directories, each extracted once', async () => {
		const place = join(root, String(count++));
		const base = {
			tar: tarArchive([
				{ name: 'a', type: '2', link: canary },
				{ name: 'b', type: '5', mode: 0o755 },
			]),
		};
		const tops = ['x', 'y'].map(name => ({
			tar: tarArchive([
				{ name: `a/${name}`, data: name },
				{ name: `b/${name}`, data: name },
			]),
		}));
		writeRawLayout(
			join(place, 'layout'),
			tops.map((top, index) => ({ ref: String(index), layers: [base, top] })),
		);
		const store = openStore(join(place, 'store'));
		const images = await Promise.all(
			[0, 1, 0, 1].map(ref => ensureImage(store, `oci:${join(place, 'layout')}:${ref}`)),
		);
		expect(images[0]?.layerDirs).toEqual(images[2]?.layerDirs);
		expect(images[0]?.layerDirs[0]).toBe(images[1]?.layerDirs[0]);
		expect(readdirSync(store.layers).filter(name => !name.endsWith('.json')).length).toBe(3);
		expect(readdirSync(store.tmp)).toEqual([]);
	});
});

describe('tar archives with some bytes changed', () => {
	it('end in success or one error, in bounded time', async () => {
		const tar = tarArchive([
			{ name: 'd/', type: '5', mode: 0o755 },
			{ name: 'd/file', data: 'x'.repeat(700), pax: { mtime: '1.5', 'SCHILY.xattr.user.a': 'b' } },
			{ name: 'd/link', type: '2', link: canary },
			{ name: 'd/link/through', data: 'planted' },
			{ name: 'd/hard', type: '1', link: 'd/file' },
			{ name: `${'l'.repeat(120)}`, data: 'long', gnuLong: true },
			{ name: 'sparse', data: 'y'.repeat(512), pax: { 'GNU.sparse.map': '0,256,4096,256', 'GNU.sparse.size': '8192' } },
			{ name: 'd/.wh.gone', data: '' },
		]);
		let seed = 20_260_101;
		const random = (below: number): number => {
			seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
			return (seed >>> 8) % below;
		};
		const outcomes = new Map<string, number>();
		const fuzz = join(root, 'fuzz');
		mkdirSync(fuzz);
		for (let round = 0; round < 600 / STRIDE; round++) {
			const changed = Buffer.from(tar);
			for (let change = 0; change <= round % 3; change++) {
				// mostly in headers, whose checksum is made right again: otherwise nothing but it is tested
				const block = random(changed.length / 512) * 512;
				changed[block + random(random(2) === 0 ? 512 : 345)] = random(2) === 0 ? random(256) : 48 + random(10);
				repairChecksum(changed, block);
			}
			const outcome = await extractBytes(changed, join(fuzz, String(round)));
			outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
		}
		expect(
			[...outcomes.keys()].filter(
				code => !['unpacked', 'TSRUN_BAD_LAYER', 'TSRUN_LAYER_TOO_LARGE', 'TSRUN_UNPACK'].includes(code),
			),
		).toEqual([]);
		expect(Math.min(outcomes.get('unpacked') ?? 0, outcomes.get('TSRUN_BAD_LAYER') ?? 0)).toBeGreaterThan(20 / STRIDE);
	});
});

/** The code of the error, or `unpacked`. Anything but TsrunError is a bug and fails the test. */
async function extractBytes(tar: Buffer, place: string): Promise<string> {
	const blob = `${place}.tar`;
	writeFileSync(blob, tar);
	mkdirSync(place);
	const limits = { maxEntries: 1000, maxBytes: 1e8 };
	const job = {
		blob,
		diffId: parseDigest(sha256(tar)),
		target: place,
		lower: [],
		limits,
		overlayXattrs: 'trusted.overlay.',
	};
	try {
		await extractLayer(job);
		return 'unpacked';
	} catch (error) {
		if (error instanceof TsrunError) return error.code;
		throw error;
	} finally {
		rmSync(place, { recursive: true });
		rmSync(blob);
	}
}

function repairChecksum(tar: Buffer, block: number): void {
	const header = tar.subarray(block, block + 512);
	if (header.toString('latin1', 257, 262) !== 'ustar') return;
	header.fill(' ', 148, 156);
	const sum = header.reduce((total, byte) => total + byte, 0);
	header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
