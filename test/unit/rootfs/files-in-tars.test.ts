import { describe, expect, it } from 'vitest';
import { type TarEntry, tarArchive } from '../../../rootfs-fixtures/tar-archive.ts';
import { readFilesInTars } from '../../../src/rootfs/files-in-tars.ts';

const PATHS = ['etc/passwd', 'etc/group'];

/** Layers top first. */
async function read(...layers: readonly (readonly TarEntry[])[]): Promise<Readonly<Record<string, string>>> {
	const archives = layers.map(
		entries =>
			async function* () {
				yield tarArchive(entries);
			},
	);
	const found = await readFilesInTars(archives, PATHS, 100);
	return Object.fromEntries([...found].map(([path, bytes]) => [path, bytes.toString()]));
}

const passwd = { name: 'etc/passwd', data: 'low' };
const group = { name: './etc/group', data: 'low group' };

describe('small files out of layers that are not extracted', () => {
	it.each<[string, readonly (readonly TarEntry[])[], Readonly<Record<string, string>>]>([
		['come from the only layer', [[passwd, group]], { 'etc/passwd': 'low', 'etc/group': 'low group' }],
		[
			'come from the upper of two',
			[[{ name: '/etc/passwd', data: 'up' }], [passwd, group]],
			{ 'etc/passwd': 'up', 'etc/group': 'low group' },
		],
		[
			'are gone with a whiteout',
			[[{ name: 'etc/.wh.passwd', data: '' }], [passwd, group]],
			{ 'etc/group': 'low group' },
		],
		['are gone with their directory', [[{ name: '.wh.etc', data: '' }], [passwd, group]], {}],
		[
			'are gone in an opaque directory',
			[
				[{ name: 'etc/.wh..wh..opq', data: '' }, passwd],
				[passwd, group],
			],
			{ 'etc/passwd': 'low' },
		],
		['are gone in an opaque root', [[{ name: '.wh..wh..opq', data: '' }], [passwd]], {}],
		[
			'are whited out only below',
			[[passwd, { name: 'etc/.wh.passwd', data: '' }], [{ ...passwd, data: 'lower' }]],
			{ 'etc/passwd': 'low' },
		],
		['are the last of one name', [[passwd, { ...passwd, data: 'later' }]], { 'etc/passwd': 'later' }],
		['are no links', [[{ name: 'etc/passwd', type: '2', link: '/canary' }], [passwd]], {}],
		['are not below what is no directory', [[{ name: 'etc', type: '2', link: '/canary' }], [passwd]], {}],
		['stay below a directory that is listed again', [[{ name: 'etc/', type: '5' }], [passwd]], { 'etc/passwd': 'low' }],
		['are not a directory', [[{ name: 'etc/passwd/', type: '5' }], [passwd]], {}],
		[
			'are not those of a like name',
			[
				[
					{ name: 'etc/.wh.passwd-', data: '' },
					{ name: 'etc/.wh..wh.plnk', data: '' },
				],
				[passwd],
			],
			{ 'etc/passwd': 'low' },
		],
	])('%s', async (_, layers, expected) => {
		expect(await read(...layers)).toEqual(expected);
	});

	it('are not read beyond the limit', async () => {
		await expect(read([{ name: 'etc/passwd', data: 'x'.repeat(101) }])).rejects.toThrow(
			/etc\/passwd of more than 100 bytes/,
		);
	});

	it('leave layers unread that cannot change anything', async () => {
		const never = async function* (): AsyncGenerator<Buffer> {
			yield Promise.reject(new Error('read'));
		};
		const all = async function* () {
			yield tarArchive([passwd, group]);
		};
		expect((await readFilesInTars([all, never], PATHS, 100)).size).toBe(2);
		await expect(readFilesInTars([never], PATHS, 100)).rejects.toThrow('read');
	});
});
