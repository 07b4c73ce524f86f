import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { hostArchitecture, sha256, writeRawLayout } from '../../../rootfs-fixtures/raw-layout.ts';
import { type TarEntry, tarArchive } from '../../../rootfs-fixtures/tar-archive.ts';
import { hostPlatform } from '../../../src/image/choose-platform.ts';
import { type ImageSource, readDocument } from '../../../src/image/image-source.ts';
import { openSource } from '../../../src/image/open-source.ts';
import { type LocalReference, parseReference } from '../../../src/image/parse-reference.ts';
import { selectManifest } from '../../../src/image/select-manifest.ts';
import type { Manifest } from '../../../src/oci/image-spec.ts';
import { parseManifest } from '../../../src/oci/parse-manifest.ts';
import { unpackInto } from '../../../src/runtime/unpack-archive.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-source-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const choice = { host: hostPlatform(process.arch) };
const LAYER = tarArchive([{ name: 'hello', data: 'world' }]);
const SECOND = tarArchive([{ name: 'second', data: 'layer' }]);

/** A layout with two images of one layer each, as a directory and as entries of a tar. */
const layout = join(dir, 'layout');
writeRawLayout(layout, [
	{ ref: 'one', layers: [{ tar: LAYER }] },
	{ ref: 'example.com/two:2', layers: [{ tar: SECOND, gzip: false }] },
]);

const open = async (text: string): Promise<ImageSource> => {
	const [image, ...others] = await openAll(text, false);
	expect(others).toEqual([]);
	return image as ImageSource;
};
const closers: (() => void)[] = [];
afterAll(() => {
	for (const close of closers) close();
});
async function openAll(text: string, all = true): Promise<readonly ImageSource[]> {
	const { images, close } = await openSource(parseReference(text) as LocalReference, { all, unpack: unpackInto(dir) });
	closers.push(close);
	return images;
}

async function readAll(source: ImageSource): Promise<{ manifest: Manifest; layers: readonly string[] }> {
	const descriptor = selectManifest(source, choice);
	const manifest = parseManifest(readDocument(source, descriptor), 'm');
	readDocument(source, manifest.config);
	const layers: string[] = [];
	for (const { digest, size } of manifest.layers) {
		const hash = createHash('sha256');
		for await (const chunk of source.openBlob(digest)) hash.update(chunk as Buffer);
		expect(`sha256:${hash.digest('hex')}`).toBe(digest);
		const location = source.locateBlob(digest);
		const located = readFileSync(location.path).subarray(location.start, location.start + location.size);
		expect(location.size).toBe(size);
		layers.push(sha256(located));
	}
	expect(layers).toEqual(manifest.layers.map(({ digest }) => digest));
	return { manifest, layers };
}

describe('oci:DIR', () => {
	it('reads the image of a name', async () => {
		const source = await open(`oci:${layout}:one`);
		expect(source.names).toEqual(['layout:one']);
		expect((await readAll(source)).layers).toEqual([sha256(gzipSync(LAYER))]);
		expect((await open(`oci:${layout}:example.com/two:2`)).names).toEqual(['example.com/two:2']);
	});

	it('names what there is when the name is missing or wrong', async () => {
		await expect(open(`oci:${layout}`)).rejects.toMatchObject({
			code: 'TSRUN_AMBIGUOUS_IMAGE',
			hint: expect.stringContaining('one, example.com/two:2'),
		});
		await expect(open(`oci:${layout}:three`)).rejects.toMatchObject({
			code: 'TSRUN_NO_IMAGE',
			hint: 'it holds one, example.com/two:2',
		});
	});

	it('is an error where there is no layout', async () => {
		await expect(open(`oci:${dir}`)).rejects.toMatchObject({ code: 'TSRUN_NO_FILE' });
		const fifo = join(dir, 'is-a-directory');
		mkdirSync(join(fifo, 'oci-layout'), { recursive: true });
		await expect(open(`oci:${fifo}`)).rejects.toMatchObject({ message: expect.stringContaining('not a regular file') });
	});

	it('goes through an index to the manifest of the platform, not without end', async () => {
		const nested = join(dir, 'nested');
		const [image] = writeRawLayout(nested, [{ layers: [{ tar: LAYER }] }]);
		const blob = (value: unknown) => {
			const bytes = Buffer.from(JSON.stringify(value));
			writeFileSync(join(nested, 'blobs/sha256', sha256(bytes).slice(7)), bytes);
			return { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256(bytes), size: bytes.length };
		};
		const platforms = blob({
			schemaVersion: 2,
			manifests: [
				{ ...image, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 'mips' } },
				{ ...image, platform: { os: 'linux', architecture: hostArchitecture() } },
			],
		});
		const write = (entry: unknown) =>
			writeFileSync(join(nested, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
		write(platforms);
		expect((await readAll(await open(`oci:${nested}`))).manifest.layers).toHaveLength(1);
		let deep = platforms;
		for (let i = 0; i < 5; i++) deep = blob({ schemaVersion: 2, manifests: [deep] });
		write(deep);
		const source = await open(`oci:${nested}`);
		expect(() => selectManifest(source, choice)).toThrow('nests indexes more than 3 levels deep');
	});

	it('does not take bytes that their digest does not fit', async () => {
		const damaged = join(dir, 'damaged');
		const [image] = writeRawLayout(damaged, [{ layers: [{ tar: LAYER }] }]);
		const path = join(damaged, 'blobs/sha256', image?.digest.slice(7) ?? '');
		writeFileSync(path, readFileSync(path, 'utf8').replace('"schemaVersion":2', '"schemaVersion":3'));
		await expect(open(`oci:${damaged}`).then(readAll)).rejects.toMatchObject({ code: 'TSRUN_BAD_BLOB' });
		writeFileSync(path, 'longer than its descriptor says'.repeat(100));
		await expect(open(`oci:${damaged}`).then(readAll)).rejects.toMatchObject({ code: 'TSRUN_BAD_BLOB' });
	});
});

describe('oci-archive:FILE', () => {
	const names = ['oci-layout', 'index.json', ...blobNames(layout)];
	const entries = (prefix: string): readonly TarEntry[] =>
		names.map(name => ({ name: `${prefix}${name}`, data: readFileSync(join(layout, name)) }));

	it.each([
		['plain', '', (tar: Buffer) => tar],
		['with a dot before its names', './', (tar: Buffer) => tar],
		['compressed with gzip', '', (tar: Buffer) => gzipSync(tar)],
	])('is read in place: %s', async (name, prefix, pack) => {
		const file = join(dir, `${name}.tar`);
		writeFileSync(file, pack(tarArchive(entries(prefix))));
		expect((await readAll(await open(`oci-archive:${file}:one`))).manifest.layers).toHaveLength(1);
		await readAll(await open(`oci-archive:${file}:example.com/two:2`));
	});

	it('never makes a file of a name in the archive', async () => {
		const file = join(dir, 'climbing.tar');
		writeFileSync(
			file,
			tarArchive([{ name: '../../planted', data: 'x' }, { name: join(dir, 'planted'), data: 'x' }, ...entries('')]),
		);
		await readAll(await open(`oci-archive:${file}:one`));
		expect(() => readFileSync(join(dir, 'planted'))).toThrow('ENOENT');
	});

	it.each([
		['an empty file', Buffer.alloc(0)],
		['rubbish', Buffer.alloc(5000, 'rubbish')],
		['truncated gzip', gzipSync(tarArchive(entries(''))).subarray(0, 300)],
		['a truncated tar', tarArchive(entries('')).subarray(0, 1300)],
		['a tar of something else', tarArchive([{ name: 'x', data: 'y' }])],
	])('that is %s is one clear error', async (name, bytes) => {
		const file = join(dir, `bad-${name}`);
		writeFileSync(file, bytes);
		await expect(open(`oci-archive:${file}`)).rejects.toMatchObject({ code: 'TSRUN_BAD_ARCHIVE' });
	});

	it('that is not there is an error, and so is a directory', async () => {
		await expect(open(`oci-archive:${dir}/nothing`)).rejects.toMatchObject({
			message: expect.stringContaining('no such file or directory'),
		});
		await expect(open(`oci-archive:${dir}`)).rejects.toMatchObject({
			message: expect.stringContaining('not a regular file'),
		});
	});
});

describe('all images of a place', () => {
	const PLATFORM = { os: 'linux', architecture: hostArchitecture() };
	const several = join(dir, 'several');
	const [one, two] = writeRawLayout(several, [{ layers: [{ tar: LAYER }] }, { layers: [{ tar: SECOND }] }]).map(
		({ mediaType, digest, size }) => ({ mediaType, digest, size }),
	);
	const named = (entry: object | undefined, name: string | undefined, platform: object = PLATFORM): object => ({
		...entry,
		platform,
		...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
	});
	const images = async (
		manifests: readonly object[],
	): Promise<readonly (readonly [names: string, entries: number])[]> => {
		writeFileSync(join(several, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
		return (await openAll(`oci:${several}`)).map(({ names, candidates }) => [names.join(), candidates.length]);
	};

	it('are those of each name', async () => {
		expect(await images([named(one, 'a:1'), named(two, 'b:1')])).toEqual([
			['a:1', 1],
			['b:1', 1],
		]);
	});

	it('are one where several names stand for it', async () => {
		expect(await images([named(one, 'a:1'), named(two, 'c:1'), named(one, 'b:1')])).toEqual([
			['a:1,b:1', 2],
			['c:1', 1],
		]);
	});

	it('are one where a name stands for each platform', async () => {
		const other = { os: 'linux', architecture: 'mips' };
		expect(await images([named(one, 'a:1'), named(two, 'a:1', other), named(two, 'b:1', other)])).toEqual([
			['a:1', 2],
			['b:1', 1],
		]);
	});

	it('are two where neither has a name and both are for one platform', async () => {
		expect(await images([named(one, undefined), named(two, undefined)])).toEqual([
			['', 1],
			['', 1],
		]);
		await expect(open(`oci:${several}`)).rejects.toMatchObject({ code: 'TSRUN_AMBIGUOUS_IMAGE' });
	});
});

describe('docker-archive:FILE', () => {
	const config = Buffer.from(
		JSON.stringify({
			os: 'linux',
			architecture: hostArchitecture(),
			config: {},
			rootfs: { type: 'layers', diff_ids: [sha256(LAYER), sha256(SECOND)] },
		}),
	);
	const save = (name: string, layers: readonly TarEntry[], list: readonly object[]): string => {
		const file = join(dir, `${name}.tar`);
		writeFileSync(
			file,
			tarArchive([...layers, { name: 'c.json', data: config }, { name: 'manifest.json', data: JSON.stringify(list) }]),
		);
		return `docker-archive:${file}`;
	};
	const image = (layers: readonly string[], tags: readonly string[] | null = ['busybox:1']) => ({
		Config: 'c.json',
		RepoTags: tags,
		Layers: layers,
	});

	it('reads layers that are plain, compressed, and links to others', async () => {
		const text = save(
			'docker',
			[
				{ name: 'a/layer.tar', data: LAYER },
				{ name: 'blobs/sha256/x', data: gzipSync(SECOND) },
				{ name: 'b/layer.tar', type: '2', link: '../blobs/sha256/x' },
			],
			[image(['a/layer.tar', 'b/layer.tar'], ['busybox:1', 'docker.io/library/other:latest'])],
		);
		const source = await open(text);
		expect(source.names).toEqual(['busybox:1', 'other:latest']);
		expect((await readAll(source)).layers).toEqual([sha256(LAYER), sha256(gzipSync(SECOND))]);
		const again = await open(`${text}:busybox:1`);
		expect(selectManifest(again, choice).digest).toBe(selectManifest(source, choice).digest);
	});

	it('of several images wants a name', async () => {
		const layers = [
			{ name: 'l', data: LAYER },
			{ name: 'm', data: SECOND },
		];
		const text = save('several', layers, [image(['l', 'm'], ['a:1']), image(['l', 'm'], ['b:2'])]);
		await expect(open(text)).rejects.toMatchObject({
			code: 'TSRUN_AMBIGUOUS_IMAGE',
			hint: expect.stringContaining('a:1, b:2'),
		});
		expect((await open(`${text}:b:2`)).names).toEqual(['b:2']);
		await expect(open(`${text}:c`)).rejects.toMatchObject({ code: 'TSRUN_NO_IMAGE', hint: 'it holds a:1, b:2' });
	});

	it.each<readonly [string, readonly TarEntry[], object, string]>([
		['a layer that is missing', [], image(['l', 'm']), 'has no l'],
		['layers that the config does not count', [{ name: 'l', data: LAYER }], image(['l']), 'has 1 layers, its config 2'],
		[
			'links in a circle',
			[
				{ name: 'l', type: '2', link: 'm' },
				{ name: 'm', type: '2', link: 'l' },
			],
			image(['l', 'm']),
			'has no l',
		],
		['a list that is not one', [], { Config: 1 }, '/0/Config must be a string'],
	])('with %s is one clear error', async (name, layers, list, message) => {
		await expect(open(save(name, layers, [list]))).rejects.toThrow(message);
	});
});

describe('a layout whose blobs are links', () => {
	it('is read: its owner made them', async () => {
		const linked = join(dir, 'linked');
		mkdirSync(linked);
		for (const name of ['oci-layout', 'index.json', 'blobs']) symlinkSync(join(layout, name), join(linked, name));
		await readAll(await open(`oci:${linked}:one`));
	});
});

function blobNames(root: string): readonly string[] {
	const index = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
	return index.manifests.flatMap(({ digest }) => {
		const path = (of: string): string => `blobs/sha256/${of.slice(7)}`;
		const manifest = JSON.parse(readFileSync(join(root, path(digest)), 'utf8')) as Record<
			'config',
			{ digest: string }
		> & { layers: { digest: string }[] };
		return [digest, manifest.config.digest, ...manifest.layers.map(layer => layer.digest)].map(path);
	});
}
