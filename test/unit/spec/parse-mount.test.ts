import { expect, it } from 'vitest';
import { parseMount } from '../../../src/spec/parse-mount.ts';
import { expectBadFlag, thrownBy } from './expect-bad-flag.ts';

const bind = {
	kind: 'bind',
	source: '/srv',
	destination: '/data',
	readonly: false,
	propagation: 'rprivate',
	recursive: 'enabled',
	createSource: false,
};

it.each([
	['type=bind,source=/srv,target=/data', {}],
	['type=bind,src=/srv,dst=/data', {}],
	['type=BIND,src=/srv,destination=/data', {}],
	['type=bind,src=/srv,dst=/data,readonly', { readonly: true }],
	['type=bind,src=/srv,dst=/data,ro=true', { readonly: true }],
	['type=bind,src=/srv,dst=/data,ro=0', {}],
	['type=bind,src=/srv,dst=/data,bind-propagation=rslave', { propagation: 'rslave' }],
	['type=bind,src=/srv,dst=/data,bind-recursive=disabled', { recursive: 'disabled' }],
	['type=bind,src=/srv,dst=/data,bind-nonrecursive', { recursive: 'disabled' }],
	['type=bind,src=/srv,dst=/data,ro,bind-recursive=writable', { readonly: true, recursive: 'writable' }],
	['type=bind,src=/srv,dst=/data,ro,bind-recursive=readonly', { readonly: true, recursive: 'readonly' }],
	['type=bind,"src=/a,b",dst=/data', { source: '/a,b' }],
	['type=bind,src=./x,dst=/data', { source: '/home/me/x' }],
])('reads %s', (text, part) => {
	expect(parseMount(text, '/home/me')).toEqual({ ...bind, ...part });
});

it("reads a tmpfs with docker's defaults under its options", () => {
	expect(parseMount('type=tmpfs,dst=/run,tmpfs-size=64m,tmpfs-mode=1770,ro', '/')).toEqual({
		kind: 'tmpfs',
		destination: '/run',
		options: ['noexec', 'nosuid', 'nodev', 'rprivate', 'ro', 'size=67108864', 'mode=1770'],
	});
});

it.each(['type=volume,dst=/data', 'dst=/data', 'target=/data,type=volume'])('reads %s as an anonymous volume', text => {
	expect(parseMount(text, '/')).toEqual({ kind: 'volume', destination: '/data' });
});

it.each([
	['src=cache,dst=/data', {}],
	['src=cache,dst=/data,ro', { readonly: true }],
	['type=volume,source=cache,target=/data,readonly=false,volume-nocopy,volume-driver=local', { nocopy: true }],
	['src=cache,dst=/data,volume-subpath=a/./b/', { subpath: 'a/b' }],
	['src=cache,dst=/data,volume-label=a=1,volume-label=b', { labels: { a: '1', b: '' } }],
	[
		'src=cache,dst=/data,volume-opt=type=none,"volume-opt=o=bind,ro",volume-opt=device=/srv',
		{ options: { type: 'none', o: 'bind,ro', device: '/srv' } },
	],
])('reads %s as a volume with a name', (text, part) => {
	expect(parseMount(text, '/')).toEqual({ kind: 'volume', name: 'cache', destination: '/data', ...part });
});

it.each([
	['volume-opt=type=tmpfs', '--mount volume-opt "type=tmpfs" is no volume that tsrun makes'],
	['volume-opt=size=1', '--mount volume-opt "size=1" has the key "size"'],
	['volume-opt=o=bind,volume-opt=device=srv', '--mount volume-opt "device=srv" is no absolute path'],
	['"volume-opt=o=bind,sync",volume-opt=device=/srv', '--mount volume-opt "o=bind,sync" has "sync"'],
	['volume-opt=o=bind,volume-opt=o=ro', '--mount volume-opt "o=ro" gives o twice'],
])('refuses a volume with %s: %s', (words, message) => {
	const error = thrownBy(() => parseMount(`src=cache,dst=/data,${words}`, '/'));
	expect(error).toMatchObject({ code: 'TSRUN_BAD_FLAG', message: expect.stringContaining(message) });
});

it.each([
	'',
	'type=bind',
	'type=bind,dst=/data',
	'type=bind,src=,dst=/data',
	'type=bind,src=srv,dst=/data',
	'type=bind,src=/srv',
	'type=bind,src=/srv,dst=data',
	'type=bind,src=/srv,dst=/',
	'type=bind,src=/srv,dst=/data,tmpfs-size=1m',
	'type=bind,src=/srv,dst=/data,what=1',
	'type=bind,src=/srv,dst=/data,what',
	'type=bind,src=/srv,src=/etc,dst=/data',
	'type=bind,src=/srv,source=/etc,dst=/data',
	'type=bind,src=/srv,dst=/data,ro=maybe',
	'type=bind,src=/srv,dst=/data,bind-propagation=all',
	'type=bind,src=/srv,dst=/data,bind-recursive=readonly',
	'type=bind,src=/srv,dst=/data,bind-recursive=deep',
	'type=tmpfs,dst=/run,src=/srv',
	'type=tmpfs,dst=/run,tmpfs-mode=999',
	'type=npipe,dst=/x',
	'type=constructor,dst=/x',
	'src=/cache,dst=/data',
	'src=c,dst=/data',
	'src=cache,dst=/data,volume-subpath=',
	'src=cache,dst=/data,volume-subpath=/etc',
	'src=cache,dst=/data,volume-subpath=a/../../etc',
	'type=tmpfs,dst=/data,volume-nocopy',
	'src=cache,dst=/data,volume-driver=nfs',
	'src=cache,dst=/data,volume-nocopy=perhaps',
])('refuses %j', text => {
	expectBadFlag(() => parseMount(text, '/'), '--mount', text);
});
