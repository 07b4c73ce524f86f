import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { blocksOf, type TarEntry, tarArchive } from '../../../rootfs-fixtures/tar-archive.ts';
import type { LayerEntry } from '../../../src/rootfs/layer-entry.ts';
import { readTar } from '../../../src/rootfs/read-tar.ts';

interface Read extends LayerEntry {
	readonly name: string;
	readonly data: string;
}

async function* inPieces(tar: Buffer, size: number): AsyncGenerator<Buffer> {
	for (let at = 0; at < tar.length; at += size) yield tar.subarray(at, at + size);
}

async function read(tar: Buffer, size = 1 << 20): Promise<readonly Read[]> {
	const found: { entry: LayerEntry; chunks: Buffer[] }[] = [];
	await readTar(inPieces(tar, size), {
		maxEntries: 100,
		onEntry: entry => {
			const chunks: Buffer[] = [];
			found.push({ entry, chunks });
			return { write: chunk => void chunks.push(Buffer.from(chunk)), end: () => void chunks.push(Buffer.from('.')) };
		},
	});
	return found.map(({ entry, chunks }) => ({
		...entry,
		name: Buffer.from(entry.parts.join('/'), 'latin1').toString(),
		data: Buffer.concat(chunks).toString(),
	}));
}

const ENTRIES: readonly TarEntry[] = [
	{ name: 'dir/', type: '5', mode: 0o2755, uid: 1, gid: 2, mtime: 7 },
	{
		name: 'dir/file',
		data: 'content',
		mode: 0o4711,
		pax: { mtime: '5.25', 'SCHILY.xattr.user.a': Buffer.from([0xff]) },
	},
	{ name: 'l'.repeat(150), data: 'long', gnuLong: true },
	{ name: 'x', data: 'y'.repeat(1500), pax: { path: 'ü'.repeat(80) } },
	{ name: 'link', type: '2', link: '/etc', mode: 0o777 },
	{ name: 'cut', type: '1', link: 'cut', pax: { linkpath: 'dir/file' } },
	{ name: 'null', type: '3', device: [1, 3] },
	{ name: 'contiguous', type: '7', data: 'c' },
	{ name: 'old-directory/', type: '\0' },
	{ name: 'large-ids', uid: 4_294_967_294, gid: 3_000_000_000 },
	{ name: 'sized', data: 'four', size: 0, pax: { size: '4' } },
];

describe('a tar archive', () => {
	it.each([1 << 20, 512, 100, 7])('is the same in pieces of %i bytes', async size => {
		const entries = await read(tarArchive(ENTRIES), size);
		expect(entries.map(({ type, name, data }) => [type, name, data.length > 10 ? data.length : data])).toEqual([
			['directory', 'dir', '.'],
			['file', 'dir/file', 'content.'],
			['file', 'l'.repeat(150), 'long.'],
			['file', 'ü'.repeat(80), 1501],
			['symlink', 'link', '.'],
			['hardlink', 'cut', '.'],
			['character', 'null', '.'],
			['file', 'contiguous', 'c.'],
			['directory', 'old-directory', '.'],
			['file', 'large-ids', '.'],
			['file', 'sized', 'four.'],
		]);
		expect(entries[0]?.metadata).toMatchObject({ mode: 0o2755, uid: 1, gid: 2, mtimeSec: 7, mtimeNsec: 0, xattrs: [] });
		expect(entries[1]?.metadata).toMatchObject({
			mode: 0o4711,
			mtimeSec: 5,
			mtimeNsec: 250_000_000,
			xattrs: [['user.a', Buffer.from([0xff])]],
		});
		expect(entries[5]?.target).toBe('dir/file');
		expect(entries[6]?.device).toEqual([1, 3]);
		expect(entries[9]?.metadata).toMatchObject({ uid: 4_294_967_294, gid: 3_000_000_000 });
	});

	it('ends at its end marker, whatever follows', async () => {
		const tar = Buffer.concat([
			tarArchive([{ name: 'seen' }]),
			...blocksOf({ name: 'smuggled' }),
			Buffer.alloc(700, 'x'),
		]);
		expect((await read(tar)).map(({ name }) => name)).toEqual(['seen']);
	});

	it('may lack its end marker, but not a part of an entry', async () => {
		const blocks = Buffer.concat([...blocksOf({ name: 'a', data: 'data' })]);
		expect(await read(blocks)).toHaveLength(1);
		await expect(read(blocks.subarray(0, 700))).rejects.toMatchObject({
			code: 'TSRUN_BAD_LAYER',
			hint: 'the layer is truncated',
		});
		// as umoci insert writes it: the data whole, and nothing after it
		expect((await read(blocks.subarray(0, 512 + 4))).map(({ data }) => data)).toEqual(['data.']);
		await expect(read(blocks.subarray(0, 512 + 3))).rejects.toMatchObject({ code: 'TSRUN_BAD_LAYER' });
		await expect(read(blocks.subarray(0, 100))).rejects.toMatchObject({ code: 'TSRUN_BAD_LAYER' });
	});

	it('with one zero block in the middle is refused', async () => {
		await expect(read(Buffer.concat([Buffer.alloc(512), ...blocksOf({ name: 'a' })]))).rejects.toThrow(
			'single zero block',
		);
	});

	it('may be empty', async () => {
		expect(await read(Buffer.alloc(1024))).toEqual([]);
		expect(await read(Buffer.alloc(0))).toEqual([]);
	});

	it('ignores a global header, as docker does', async () => {
		const global = [...blocksOf({ name: 'g', type: 'g', data: '14 path=other\n' })];
		expect((await read(Buffer.concat([...global, tarArchive([{ name: 'own' }])]))).map(({ name }) => name)).toEqual([
			'own',
		]);
	});

	it('of links and devices has no data, whatever their size says', async () => {
		const tar = tarArchive([
			{ name: 'l', type: '2', link: 'x', size: 5000 },
			{ name: 'after', data: 'a' },
		]);
		expect((await read(tar)).map(({ name }) => name)).toEqual(['l', 'after']);
	});

	it('takes a file whose name ends in a slash for a directory, whatever its size, as GNU tar and Go do', async () => {
		const tar = tarArchive([
			{ name: 'short/', data: 'x' },
			{ name: 'cut', pax: { path: 'long/' }, data: 'y' },
			{ name: 'after' },
		]);
		expect((await read(tar)).map(({ type, name }) => [type, name])).toEqual([
			['directory', 'short'],
			['directory', 'long'],
			['file', 'after'],
		]);
	});

	it('of more entries than the limit is refused', async () => {
		await expect(read(tarArchive(Array(101).fill({ name: 'a' })))).rejects.toThrow('more than 100 entries');
	});

	it('ends with what the reader of an entry throws', async () => {
		const reading = readTar(inPieces(tarArchive(ENTRIES), 100), {
			maxEntries: 100,
			onEntry: () => {
				throw new RangeError('mine');
			},
		});
		await expect(reading).rejects.toThrow('mine');
	});

	it('ends with what its source throws', async () => {
		async function* failing(): AsyncGenerator<Buffer> {
			yield tarArchive(ENTRIES).subarray(0, 1000);
			throw new Error('no more');
		}
		await expect(readTar(failing(), { maxEntries: 9, onEntry: () => undefined })).rejects.toThrow('no more');
	});
});

describe('an owner never wraps to root (CVE-2024-40635)', () => {
	it.each([
		[{ uid: -1 }],
		[{ gid: -1 }],
		[{ uid: 4_294_967_295 }],
		[{ uid: 4_294_967_296 }],
		[{ pax: { uid: '4294967296' } }],
		[{ pax: { gid: '-1' } }],
		[{ pax: { uid: '1e3' } }],
		[{ patch: { 108: '00x0000\0' } }],
	])('%j is refused', async change => {
		await expect(read(tarArchive([{ name: 'a', ...change }]))).rejects.toMatchObject({ code: 'TSRUN_BAD_LAYER' });
	});
});

it("reads what this machine's tar writes", async () => {
	const tar = execFileSync('tar', ['-C', import.meta.dirname, '--format=posix', '-cf', '-', 'read-tar.test.ts']);
	const [entry] = await read(tar);
	expect(entry).toMatchObject({ type: 'file', name: 'read-tar.test.ts' });
	expect(entry?.data.startsWith('import')).toBe(true);
	expect(entry?.metadata.mtimeNsec).toBeGreaterThan(0);
});
