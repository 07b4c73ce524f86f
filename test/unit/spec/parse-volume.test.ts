import { expect, it } from 'vitest';
import { parseVolume } from '../../../src/spec/parse-volume.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const bind = {
	kind: 'bind',
	source: '/srv',
	destination: '/data',
	readonly: false,
	propagation: 'rprivate',
	recursive: 'enabled',
	createSource: true,
};

it.each([
	['/srv:/data', {}],
	['/srv/:/data/', {}],
	['/:/data', { source: '/' }],
	['/srv:/data:rw', {}],
	['/srv:/data:ro', { readonly: true }],
	['/srv:/data:ro,z', { readonly: true }],
	['/srv:/data:Z,rshared', { propagation: 'rshared' }],
	['/srv:/data:shared', { propagation: 'shared' }],
	['/srv:/data:slave', { propagation: 'slave' }],
	['/srv:/data:rslave,ro', { propagation: 'rslave', readonly: true }],
	['/srv:/data:private', { propagation: 'private' }],
	['/srv:/data:cached', {}],
	['/srv:/data:idmap', { idMap: 'container' }],
	[
		'/srv:/data:ro,idmap=uids=1000-0-1#5-6-7;gids=0-0-10',
		{
			readonly: true,
			idMap: {
				uids: [
					{ containerID: 1000, hostID: 0, size: 1 },
					{ containerID: 5, hostID: 6, size: 7 },
				],
				gids: [{ containerID: 0, hostID: 0, size: 10 }],
			},
		},
	],
	['.:/data', { source: '/home/me' }],
	['./a:/data', { source: '/home/me/a' }],
	['../a:/data', { source: '/home/a' }],
	['/a/../srv:/x/../data', {}],
])('reads %s', (text, part) => {
	expect(parseVolume(text, '/home/me')).toEqual({ ...bind, ...part });
});

it.each(['/srv:/data:O', '/srv:/data:O,z'])('reads %s as an overlay', text => {
	expect(parseVolume(text, '/')).toEqual({ kind: 'overlay', source: '/srv', destination: '/data' });
});

it('reads a path alone as an anonymous volume', () => {
	expect(parseVolume('/var/lib/db', '/')).toEqual({ kind: 'volume', destination: '/var/lib/db' });
});

it.each([
	'',
	':',
	'::',
	':/data',
	'/srv:',
	'/srv:/data:',
	'/srv::ro',
	'/srv:/data:ro:ro',
	'/srv:relative',
	'/srv:/',
	'/srv:/data:rx',
	'/srv:/data:ro,rw',
	'/srv:/data:idmap,idmap',
	'/srv:/data:idmap=',
	'/srv:/data:idmap=uids=0-1-2',
	'/srv:/data:idmap=uids=0-1-2;uids=0-1-2',
	'/srv:/data:idmap=uids=0-1-2;gids=0-1-2;gids=0-1-2',
	'/srv:/data:idmap=uids=0-1;gids=0-1-2',
	'/srv:/data:idmap=uids=0-1-0;gids=0-1-2',
	'/srv:/data:idmap=uids=0-4294967295-2;gids=0-1-2',
	'/srv:/data:idmap=@uids=0-1-2;gids=0-1-2',
	'/srv:/data:O,ro',
	'/srv:/data:O,rshared',
	'/srv:/data:O,O',
	'data:/data:O',
	'data:/data:idmap',
	'/srv:/data:shared,private',
	'/srv:/data:ro,,z',
	'relative/x:/data',
	'relative',
	'~/x:/data',
])('refuses %j', text => {
	expectBadFlag(() => parseVolume(text, '/'), '--volume', text);
});

it.each([
	['data:/d', {}],
	['my-data.1_x:/d/', {}],
	['data:/d:ro', { readonly: true }],
	['data:/d:rw', {}],
	['data:/d:nocopy', { nocopy: true }],
	['data:/d:ro,nocopy,z', { readonly: true, nocopy: true }],
])('reads %s as a volume with a name', (text, part) => {
	expect(parseVolume(text, '/')).toEqual({ kind: 'volume', name: text.split(':')[0], destination: '/d', ...part });
});

it.each([
	['data:/d:rslave', 'has an unknown mode "rslave"'],
	['data:/d:nocopy,nocopy', 'has more than one of nocopy'],
	['/srv:/d:nocopy', 'has an unknown mode "nocopy"'],
	['d:/d', 'has the source "d", which is too short: the name of a volume has at least two characters'],
	['-x:/d', 'has the source "-x", which is no name of a volume'],
	['a b:/d', 'has the source "a b", which is no name of a volume'],
])('refuses %s, which %s', (text, words) => {
	expect(expectBadFlag(() => parseVolume(text, '/'), '--volume', text).message).toContain(words);
});

it('says how to bind a directory of that name', () => {
	expect(expectBadFlag(() => parseVolume('_x:/d', '/'), '--volume', '_x:/d').hint).toContain('./_x');
});
