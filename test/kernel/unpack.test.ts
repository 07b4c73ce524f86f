import { execFileSync } from 'node:child_process';
import {
	closeSync,
	ftruncateSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256, writeRawLayout } from '../../rootfs-fixtures/raw-layout.ts';
import { type TarEntry, tarArchive } from '../../rootfs-fixtures/tar-archive.ts';
import { parseContainerId, parseDigest } from '../../src/core/brands.ts';
import { DEFAULT_LIMITS, extractLayer } from '../../src/rootfs/extract-layer.ts';
import { createSnapshot } from '../../src/rootfs/snapshot.ts';
import { ensureImage } from '../../src/runtime/load-image.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { compareTrees, readTree, type TreeFacts } from './support/compare-trees.ts';
import { mountOverlay } from './support/overlay-view.ts';
import { STRIDE } from './support/slowness.ts';

/** cap_chown,cap_setuid+ep as the kernel stores it: it holds bytes that are not UTF-8. */
const CAPABILITY = Buffer.from('010000028100000000000000ff00000000000000', 'hex');
const DEEP = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;

const dir = (name: string, more: Partial<TarEntry> = {}): TarEntry => ({
	name: `${name}/`,
	type: '5',
	mode: 0o755,
	...more,
});
const file = (name: string, data = name, more: Partial<TarEntry> = {}): TarEntry => ({ name, data, ...more });

const LAYERS: Readonly<Record<string, readonly TarEntry[]>> = {
	base: [
		dir('.', { mode: 0o751, uid: 3, gid: 4, pax: { mtime: '1500000000.123456789' } }),
		dir('etc', { pax: { mtime: '1400000000.000000001' } }),
		file('etc/passwd', 'root:x:0:0::/:/bin/sh\n', { uid: 1, gid: 2, mode: 0o640 }),
		dir('usr'),
		dir('usr/bin', { mode: 0o2775, gid: 50 }),
		dir('usr/lib', { mode: 0o711, uid: 7, gid: 8, pax: { 'SCHILY.xattr.user.note': 'kept', mtime: '1300000000.5' } }),
		{ name: 'lib', type: '2', link: 'usr/lib', mode: 0o777, pax: { mtime: '1450000000.25' } },
		file('usr/bin/su', 'setuid', { mode: 0o4755 }),
		file('usr/bin/ping', 'capable', { mode: 0o755, pax: { 'SCHILY.xattr.security.capability': CAPABILITY } }),
		file('usr/bin/attr', 'a', {
			uid: 1000,
			pax: { 'SCHILY.xattr.user.bytes': Buffer.from([0xff, 0, 0x0a, 0x3d, 0x80]) },
		}),
		{ name: 'usr/bin/sudo', type: '1', link: 'usr/bin/su' },
		{ name: 'sbin', type: '2', link: '/usr/bin' },
		dir('dev'),
		{ name: 'dev/null', type: '3', mode: 0o666, device: [1, 3] },
		{ name: 'dev/big', type: '4', mode: 0o660, device: [259, 70000], gid: 6 },
		{ name: 'dev/fifo', type: '6', mode: 0o622 },
		dir('tmp', { mode: 0o1777 }),
		dir('opaque'),
		file('opaque/old'),
		dir('opaque/olddir'),
		file('opaque/olddir/x'),
		dir('gone'),
		file('gone/a'),
		file('gone/b'),
		dir('again', { mode: 0o700, uid: 9 }),
		file('again/before'),
		file('file-to-dir'),
		dir('dir-to-file'),
		file('dir-to-file/x'),
		file('replaced', 'first'),
		file('linked-below', 'shared by layers', { uid: 5, mode: 0o604 }),
		dir('old-epoch', { mtime: -1_000_000 }),
		file('before-epoch', '', { pax: { mtime: '-1.25' } }),
		file('empty', ''),
	],
	changes: [
		file('usr/lib/implied.so'),
		file('lib/through-link-below', 'lands in usr/lib'),
		file('opt/deep/new/file', 'all parents implied'),
		dir('opaque'),
		file('opaque/.wh..wh..opq', ''),
		file('opaque/new'),
		file('gone/.wh.a', ''),
		file('.wh.again', ''),
		dir('again', { mode: 0o711 }),
		file('again/after'),
		dir('file-to-dir', { gid: 3 }),
		file('file-to-dir/inside'),
		file('dir-to-file'),
		file('replaced', 'second', { mode: 0o600 }),
		{ name: 'link-across', type: '1', link: 'linked-below' },
		dir('own-links'),
		file('own-links/.wh..wh..opq', ''),
		{ name: 'own-links/target', type: '0', data: 'x'.repeat(70_000) },
		{ name: 'own-links/hard', type: '1', link: 'own-links/target' },
		{ name: 'own-links/soft', type: '2', link: '../../../etc/passwd' },
		{ name: 'own-links/hard-to-soft', type: '1', link: 'own-links/soft' },
	],
	names: [
		dir('long', { pax: { mtime: '1600000001.000000009' } }),
		...[1, 2, 3].map(depth => ({
			name: `long/${DEEP.split('/').slice(0, depth).join('/')}/`,
			type: '5',
			mode: 0o755,
			gnuLong: true,
		})),
		{ name: `long/${DEEP}/gnu`, data: 'g', gnuLong: true },
		{ name: `long/${DEEP}/link`, type: '2', link: `/${DEEP}/${DEEP}`, gnuLong: true },
		{ name: 'short', data: 'p', pax: { path: `long/${DEEP}/pax`, mtime: '1600000002.123456789' } },
		{ name: 'short', type: '2', link: 'short', pax: { path: 'long/ü→link', linkpath: `${DEEP}/ü` } },
		{ name: Buffer.from([0x6c, 0xe9, 0xff]), data: 'not UTF-8' },
		{ name: 'big-ids', uid: 4_000_000_000, gid: 3_000_000_000 },
		{ name: 'pax-ids', pax: { uid: '3999999999', gid: '77777', size: '4' }, data: 'four' },
	],
	last: [
		file('.wh.gone', ''),
		file('.wh.tmp', ''),
		file('.wh.never-was', ''),
		file('usr/.wh..wh..plnk', 'bookkeeping of aufs'),
		file('nowhere/.wh.nothing', ''),
	],
};
/** Directories that no layer lists: tools disagree about their time. */
const UNLISTED = ['opt', 'opt/deep', 'opt/deep/new', 'nowhere'];

const root = mkdtempSync(join(tmpdir(), 'tsrun-unpack-'));
const layout = join(root, 'layout');
const store = openStore(join(root, 'store'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function unpackBoth(ref: string): Promise<readonly [TreeFacts, TreeFacts]> {
	const bundle = join(root, `umoci-${ref}`);
	execFileSync('umoci', ['unpack', '--image', `${layout}:${ref}`, bundle], { stdio: 'pipe' });
	const ours = await unpackTo(store, `oci:${layout}:${ref}`, ref);
	return [readTree(join(bundle, 'rootfs')), ours];
}

async function unpackTo(store: Store, reference: string, ref: string): Promise<TreeFacts> {
	const image = await ensureImage(store, reference);
	const id = parseContainerId(Buffer.from(ref.padEnd(32, '.')).toString('hex').slice(0, 64).padEnd(64, '0'));
	const snapshot = createSnapshot(id, { containers: store.containers, ...image });
	const view = await mountOverlay(store.layers, snapshot);
	try {
		return readTree(view.path);
	} finally {
		await view.close();
	}
}

beforeAll(() => {
	const tars = Object.fromEntries(Object.entries(LAYERS).map(([name, entries]) => [name, tarArchive(entries)]));
	const layer = (name: string, gzip = true) => ({ tar: tars[name] ?? Buffer.alloc(0), gzip });
	writeRawLayout(layout, [
		{ ref: 'base', layers: [layer('base')] },
		{ ref: 'changes', layers: [layer('base'), layer('changes', false)] },
		{ ref: 'names', layers: [layer('base'), layer('changes', false), layer('names')] },
		{ ref: 'last', layers: [layer('base'), layer('changes', false), layer('names'), layer('last')] },
		{ ref: 'twice', layers: [layer('base'), layer('names'), layer('base')] },
		{ ref: 'sample', layers: [layer('base'), layer('changes')] },
		{ ref: 'alone', layers: [layer('last')] },
		{ ref: 'reused', layers: [layer('names'), layer('last')] },
	]);
});

describe('the layers of an image, mounted as an overlay, equal the tree that umoci unpacks', () => {
	it.each(['base', 'changes', 'names', 'last', 'twice', 'alone', 'reused'])('%s', async ref => {
		const [umoci, ours] = await unpackBoth(ref);
		expect(umoci.size).toBeGreaterThan(0);
		expect(
			compareTrees(umoci, ours, { anyMtime: [...UNLISTED, ...(ref === 'base' || ref === 'twice' ? [] : ['.'])] }),
		).toEqual([]);
	});

	it('compares what it says it compares', async () => {
		const tree = (await unpackBoth('sample'))[1];
		expect(tree.get('usr/bin/ping')?.xattrs).toBe(`security.capability=${CAPABILITY.toString('hex')}`);
		expect(tree.get('usr/bin/su')).toMatchObject({ mode: '0104755', links: 'usr/bin/su usr/bin/sudo' });
		expect(tree.get('usr/lib')).toMatchObject({ mode: '040711', owner: '7:8', mtime: '1300000000.500000000' });
		expect(tree.get('usr/lib/through-link-below')?.size).toBe('16');
		expect(tree.get('link-across')).toMatchObject({ links: 'link-across linked-below', owner: '5:0' });
		expect(tree.get('before-epoch')?.mtime).toBe('-2.750000000');
		expect(tree.get('dev/big')?.device).toBe('259:70000');
		expect([...tree.keys()].filter(path => /^(opaque|again|gone)/.test(path)).sort()).toEqual([
			'again',
			'again/after',
			'gone',
			'gone/b',
			'opaque',
			'opaque/new',
		]);
		expect(tree.has('lib/through-link-below')).toBe(false);
	});
});

describe('the same layers in another compression give the same tree', () => {
	it.each(['zstd', 'zstd:chunked'])('%s, as skopeo writes it', async format => {
		const name = format.replace(':', '-');
		const place = join(root, name);
		const copy = ['copy', '--insecure-policy', '--quiet', '--dest-compress-format', format];
		execFileSync('skopeo', [...copy, `oci:${layout}:sample`, `oci:${place}:sample`], { stdio: 'pipe' });
		const types = readdirSync(join(place, 'blobs/sha256')).map(blob =>
			readFileSync(join(place, 'blobs/sha256', blob)).toString('hex', 0, 4),
		);
		expect(types).toContain('28b52ffd');
		expect(types.filter(magic => magic.startsWith('1f8b'))).toEqual([]);
		// a store of its own: in the other one the layers are there already
		const ours = await unpackTo(openStore(join(root, `store-${name}`)), `oci:${place}:sample`, name);
		const gzip = await unpackTo(store, `oci:${layout}:sample`, `beside-${name}`);
		expect(gzip.size).toBeGreaterThan(20);
		expect(compareTrees(gzip, ours, { anyMtime: [] })).toEqual([]);
	});
});

describe('a tree that GNU tar archived comes back as it was', () => {
	const source = join(root, 'source');
	const part = 65_536 / STRIDE;
	mkdirSync(source);
	for (const [name, parts] of Object.entries({
		holes: [1, 5, 9, 13, 17, 21, 200],
		'hole-at-end': [0],
		'many-parts': Array.from({ length: 60 }, (_, index) => index * 3),
	})) {
		const fd = openSync(join(source, name), 'w');
		for (const place of parts) writeSync(fd, Buffer.alloc(part, place), 0, part, place * 4 * part);
		ftruncateSync(fd, 1200 * part);
		closeSync(fd);
	}
	writeFileSync(join(source, 'all-hole'), '');
	truncateSync(join(source, 'all-hole'), 10_000_000);
	writeFileSync(join(source, 'n'.repeat(200)), 'long name');
	symlinkSync('t'.repeat(300), join(source, 'long-target'));
	linkSync(join(source, 'holes'), join(source, 'hard'));

	it.each([
		['gnu', ['--format=gnu']],
		['gnu-sparse', ['--format=gnu', '--sparse']],
		['pax', ['--format=posix']],
		['pax-sparse-0.0', ['--format=posix', '--sparse', '--sparse-version=0.0']],
		['pax-sparse-0.1', ['--format=posix', '--sparse', '--sparse-version=0.1']],
		['pax-sparse-1.0', ['--format=posix', '--sparse', '--sparse-version=1.0']],
	])('%s', async (name, options) => {
		const target = join(root, `tar-${name}`);
		const blob = `${target}.tar`;
		mkdirSync(target);
		execFileSync('tar', [...options, '-C', source, '-cf', blob, '.']);
		const diffId = parseDigest(sha256(readFileSync(blob)));
		const job = { blob, diffId, target, lower: [], limits: DEFAULT_LIMITS, overlayXattrs: 'trusted.overlay.' };
		expect((await extractLayer(job)).kind).toBe('extracted');
		const isExact = name.startsWith('pax');
		const before = dropMtimes(readTree(source), isExact);
		const after = dropMtimes(readTree(target), isExact);
		expect(compareTrees(before, after, { anyMtime: ['.'] })).toEqual([]);
		if (name.includes('sparse')) {
			for (const file of ['holes', 'hole-at-end', 'many-parts', 'all-hole']) {
				expect(statSync(join(target, file)).blocks, file).toBeLessThanOrEqual(statSync(join(source, file)).blocks + 8);
			}
		}
	});
});

/** The headers of GNU format hold whole seconds. */
function dropMtimes(tree: TreeFacts, isExact: boolean): TreeFacts {
	if (isExact) return tree;
	return new Map([...tree].map(([path, fact]) => [path, { ...fact, mtime: fact.mtime?.split('.')[0] ?? '' }]));
}
