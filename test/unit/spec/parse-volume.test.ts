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
	['.:/data', { source: '/home/me' }],
	['./a:/data', { source: '/home/me/a' }],
	['../a:/data', { source: '/home/a' }],
	['/a/../srv:/x/../data', {}],
])('reads %s', (text, part) => {
	expect(parseVolume(text, '/home/me')).toEqual({ ...bind, ...part });
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
	'/srv:/data:shared,private',
	'/srv:/data:ro,,z',
	'relative/x:/data',
	'relative',
	'~/x:/data',
])('refuses %j', text => {
	expectBadFlag(() => parseVolume(text, '/'), '--volume', text);
});

it('says what to do instead of a named volume', () => {
	const error = expectBadFlag(() => parseVolume('relative:/x', '/'), '--volume', 'relative:/x');
	expect(error.message).toContain('named volumes do not exist yet');
	expect(error.hint).toContain('./relative');
});
