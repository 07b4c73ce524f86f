import type { TarEntry } from './tar-archive.ts';

/** A layer, or several, that try to do harm; `CANARY` in a string stands for the path of a host directory. */
export interface HostileImage {
	readonly title: string;
	/** Bottom first. */
	readonly layers: readonly (readonly TarEntry[])[];
	/** Code of the error; absent where the image is unpacked, its harm contained. */
	readonly refused?: string;
	/** Paths in the image that exist afterwards, and what they hold. */
	readonly survivors?: Readonly<Record<string, string>>;
	/** Paths in the image that must not exist. */
	readonly absent?: readonly string[];
}

const dir = (name: string): TarEntry => ({ name, type: '5', mode: 0o755 });
const link = (name: string, target: string): TarEntry => ({ name, type: '2', link: target, mode: 0o777 });
const hard = (name: string, target: string): TarEntry => ({ name, type: '1', link: target });
const file = (name: string, data = 'planted'): TarEntry => ({ name, data });
const BAD = 'TSRUN_BAD_LAYER';

/** Rows of section E of the table of threats: what has been tried against those who unpack images. */
export const HOSTILE_IMAGES: readonly HostileImage[] = [
	// names that climb
	{ title: 'a name that begins with ..', layers: [[file('../planted')]], refused: BAD },
	{ title: 'a name with .. inside', layers: [[dir('a'), file('a/../../planted')]], refused: BAD },
	{ title: 'a name that ends in ..', layers: [[dir('a'), dir('a/..')]], refused: BAD },
	{ title: 'a PAX path with ..', layers: [[{ name: 'a', data: 'x', pax: { path: '../../planted' } }]], refused: BAD },
	{
		title: 'a GNU long name with ..',
		layers: [[{ name: `${'x/'.repeat(80)}../../planted`, data: 'x', gnuLong: true }]],
		refused: BAD,
	},
	{
		title: 'an absolute name is below the root',
		layers: [[file('CANARY/planted')]],
		survivors: { 'CANARY/planted': 'planted' },
	},
	{ title: 'a name with a NUL', layers: [[{ name: 'a', data: 'x', pax: { path: 'a\0b' } }]], refused: BAD },
	{
		title: 'a PAX record without end',
		layers: [[{ name: 'a', data: 'x', patch: { 156: 'x' }, size: 1 }]],
		refused: BAD,
	},
	// CVE-2021-29136: the root itself is an entry
	{ title: 'the root as a symlink (CVE-2021-29136)', layers: [[link('.', 'CANARY')], [file('planted')]], refused: BAD },
	{ title: 'the root as ./', layers: [[link('./', 'CANARY')]], refused: BAD },
	{ title: 'the root as //', layers: [[link('//', 'CANARY')]], refused: BAD },
	{ title: 'the root as /./.', layers: [[hard('/./.', 'CANARY')]], refused: BAD },
	{ title: 'the root as a/..', layers: [[link('a/..', 'CANARY')]], refused: BAD },
	{ title: 'the root as a file', layers: [[file('.')]], refused: BAD },
	// through symlinks: as a container would see them, inside of the root
	{
		title: 'a file through an absolute symlink',
		layers: [[link('out', 'CANARY'), file('out/planted')]],
		survivors: { 'CANARY/planted': 'planted' },
	},
	{
		title: 'a file through a symlink with ..',
		layers: [[link('out', `${'../'.repeat(12)}CANARY`), file('out/planted')]],
		survivors: { 'CANARY/planted': 'planted' },
	},
	{
		title: 'a file through a symlink of the layer below',
		layers: [[link('out', 'CANARY')], [file('out/planted')]],
		survivors: { 'CANARY/planted': 'planted' },
	},
	{
		title: 'a file through a chain of symlinks',
		layers: [[link('a', 'b/..'), dir('b'), link('b/c', '../..'), file('b/c/planted')]],
		survivors: { planted: 'planted' },
	},
	{ title: 'symlinks that go in circles', layers: [[link('a', 'b'), link('b', 'a'), file('a/planted')]], refused: BAD },
	{ title: 'a symlink to itself', layers: [[link('a', 'a/a'), file('a/planted')]], refused: BAD },
	{
		title: 'a symlink into /proc',
		layers: [[link('p', '/proc/self/root'), file('p/CANARY/planted')]],
		survivors: { 'proc/self/root/CANARY/planted': 'planted' },
	},
	{
		title: 'a symlink that replaces a directory in use',
		layers: [[dir('d'), file('d/first'), link('d', 'CANARY'), file('d/planted')]],
		survivors: { 'CANARY/planted': 'planted' },
		absent: ['d/first'],
	},
	{
		title: 'a directory entry over a symlink',
		layers: [[link('d', 'CANARY'), { ...dir('d'), mode: 0o777 }]],
		survivors: { d: '' },
	},
	{ title: 'a file over a symlink', layers: [[link('f', 'CANARY/secret'), file('f', 'own')]], survivors: { f: 'own' } },
	{
		title: 'a file over a device',
		layers: [[{ name: 'd', type: '3', device: [1, 1], mode: 0o666 }, file('d', 'own')]],
		survivors: { d: 'own' },
	},
	{
		title: 'a file over a FIFO',
		layers: [[{ name: 'p', type: '6', mode: 0o666 }, file('p', 'own')]],
		survivors: { p: 'own' },
	},
	{ title: 'a file below a file', layers: [[file('f'), file('f/g')]], refused: BAD },
	{ title: 'a file below a file of the layer below', layers: [[file('f')], [file('f/g')]], refused: BAD },
	// hard links (CVE-2021-32760, CVE-2026-23745, CVE-2026-24842, CVE-2026-26960)
	{ title: 'a hard link to an absolute path', layers: [[hard('h', 'CANARY/secret')]], refused: BAD },
	{ title: 'a hard link with ..', layers: [[hard('h', '../../CANARY/secret')]], refused: BAD },
	{ title: 'a hard link through a symlink', layers: [[link('out', 'CANARY'), hard('h', 'out/secret')]], refused: BAD },
	{
		title: 'a hard link through a symlink chain of the layer below',
		layers: [[link('a', '/'), link('b', 'aCANARY')], [hard('h', 'b/secret')]],
		refused: BAD,
	},
	{
		title: 'a hard link to a symlink links the symlink',
		layers: [[link('s', 'CANARY/secret'), { ...hard('h', 's'), mode: 0o4777 }, file('h', 'own')]],
		survivors: { h: 'own' },
	},
	{
		title: 'mode bits through a hard link to a symlink',
		layers: [[link('s', 'CANARY/secret'), { ...hard('h', 's'), mode: 0o6777, uid: 5 }]],
	},
	{ title: 'a hard link to a directory', layers: [[dir('d'), hard('h', 'd')]], refused: BAD },
	{ title: 'a hard link to itself', layers: [[hard('h', 'h')]], refused: BAD },
	{ title: 'a hard link to nothing', layers: [[hard('h', 'nothing')]], refused: BAD },
	{ title: 'hard links in a circle', layers: [[hard('a', 'b'), hard('b', 'a')]], refused: BAD },
	{
		title: 'a hard link to what a whiteout removed',
		layers: [[file('f')], [file('.wh.f', ''), hard('h', 'f')]],
		refused: BAD,
	},
	// whiteouts
	{ title: 'a whiteout of nothing', layers: [[file('.wh.', '')]], refused: BAD },
	{ title: 'a whiteout of .', layers: [[dir('d'), file('d/.wh..', '')]], refused: BAD },
	{ title: 'a whiteout of ..', layers: [[dir('d'), file('d/.wh...', '')]], refused: BAD },
	{
		title: 'bookkeeping of aufs',
		layers: [[file('.wh..wh.plnk', ''), file('.wh..wh.aufs', ''), dir('.wh..wh.orph'), file('.wh..wh.orph/x')]],
		absent: ['.wh..wh.plnk', '.wh..wh.orph'],
	},
	{ title: 'a file inside of a whiteout', layers: [[dir('.wh.d'), file('.wh.d/x')]], refused: BAD },
	{
		title: 'a whiteout through a symlink',
		layers: [[link('out', 'CANARY')], [file('out/.wh.secret', '')]],
		absent: ['CANARY/secret'],
	},
	{
		title: 'opaque after a file of the same layer',
		layers: [
			[dir('d'), file('d/old')],
			[dir('d'), file('d/new'), file('d/.wh..wh..opq', '')],
		],
		survivors: { 'd/new': 'planted' },
		absent: ['d/old', 'd/.wh..wh..opq'],
	},
	{
		title: 'a whiteout after the file of the same layer',
		layers: [[file('f', 'old')], [file('f', 'new'), file('.wh.f', '')]],
		survivors: { f: 'new' },
	},
	{
		title: 'an opaque root',
		layers: [[file('old')], [file('.wh..wh..opq', ''), file('new')]],
		survivors: { new: 'planted' },
		absent: ['old'],
	},
	// what would steer the overlay
	{
		title: 'attributes of overlayfs in a layer',
		layers: [
			[dir('secret'), file('secret/old')],
			[
				{
					...dir('d'),
					pax: {
						'SCHILY.xattr.trusted.overlay.redirect': '/secret',
						'SCHILY.xattr.trusted.overlay.opaque': 'y',
						'SCHILY.xattr.user.overlay.opaque': 'y',
					},
				},
			],
			[
				{
					...file('m'),
					pax: { 'SCHILY.xattr.trusted.overlay.metacopy': '', 'SCHILY.xattr.trusted.overlay.redirect': '/secret/old' },
				},
			],
		],
		survivors: { m: 'planted' },
		absent: ['d/old'],
	},
	// the archive itself
	{
		title: 'a checksum that is wrong',
		layers: [
			[
				{ name: 'a', patch: { 148: 'xxxxxxxx' } },
				{ name: 'a', type: 'Z' },
			],
		],
		refused: BAD,
	},
	{ title: 'a type that is not known', layers: [[{ name: 'a', type: 'Q' }]], refused: BAD },
	{ title: 'a negative size', layers: [[{ name: 'a', size: -1 }]], refused: BAD },
	{ title: 'a file that is longer than the archive', layers: [[{ name: 'a', data: 'x', size: 1e12 }]], refused: BAD },
	{ title: 'a PAX size that is not a number', layers: [[{ name: 'a', data: 'x', pax: { size: '-5' } }]], refused: BAD },
	{ title: 'an owner that is out of range', layers: [[{ name: 'a', pax: { uid: '4294967295' } }]], refused: BAD },
	{ title: 'an owner that is negative', layers: [[{ name: 'a', uid: -1 }]], refused: BAD },
	{ title: 'a name of 256 bytes', layers: [[{ name: 'n'.repeat(256), data: 'x', gnuLong: true }]], refused: BAD },
	{ title: 'a name of 5000 bytes', layers: [[{ name: 'n/'.repeat(2500), data: 'x', gnuLong: true }]], refused: BAD },
	{
		title: 'directories 300 deep',
		layers: [[{ name: `${'d/'.repeat(300)}f`, data: 'x', gnuLong: true }]],
		refused: BAD,
	},
	{
		title: 'a sparse file whose parts overlap',
		layers: [
			[{ name: 's', data: 'x'.repeat(512), pax: { 'GNU.sparse.map': '0,256,100,256', 'GNU.sparse.size': '1000' } }],
		],
		refused: BAD,
	},
	{
		title: 'a sparse file that is shorter than its parts',
		layers: [[{ name: 's', data: 'x'.repeat(512), pax: { 'GNU.sparse.map': '0,512', 'GNU.sparse.size': '10' } }]],
		refused: BAD,
	},
	{
		title: 'a sparse file whose parts are more than its data',
		layers: [
			[{ name: 's', data: 'x', pax: { 'GNU.sparse.map': '0,1,10,1000000000', 'GNU.sparse.size': '9000000000' } }],
		],
		refused: BAD,
	},
	{
		title: 'a sparse file with a map without end',
		layers: [
			[
				{
					name: 's',
					data: '9'.repeat(4096),
					pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '10' },
				},
			],
		],
		refused: BAD,
	},
	{
		title: 'a sparse file of an exbibyte',
		layers: [[{ name: 's', data: '', pax: { 'GNU.sparse.map': '', 'GNU.sparse.size': '1152921504606846976' } }]],
		refused: BAD,
	},
	{
		title: 'a sparse file that is larger than the limit',
		layers: [[{ name: 's', data: 'x', pax: { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '900000000000000' } }]],
		refused: 'TSRUN_LAYER_TOO_LARGE',
	},
];
