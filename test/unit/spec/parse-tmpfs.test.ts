import { expect, it } from 'vitest';
import { parseTmpfs } from '../../../src/spec/parse-tmpfs.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const defaults = ['noexec', 'nosuid', 'nodev', 'rprivate'];

it.each([
	['/run', defaults],
	['/run:rw,size=64m', [...defaults, 'rw', 'size=64m']],
	['/run:exec', ['nosuid', 'nodev', 'rprivate', 'exec']],
	['/run:size=10%', [...defaults, 'size=10%']],
	['/run:size=1.5g', [...defaults, 'size=1610612736']],
	['/run:size=1t', [...defaults, 'size=1099511627776']],
	['/run:size=1m,size=2m', [...defaults, 'size=2m']],
	['/run:mode=1777,uid=1000,gid=1000', [...defaults, 'mode=1777', 'uid=1000', 'gid=1000']],
	['/run:nr_inodes=1k', [...defaults, 'nr_inodes=1k']],
	['/run:mpol=bind:0-1', [...defaults, 'mpol=bind:0-1']],
	['/run:shared', ['noexec', 'nosuid', 'nodev', 'shared']],
])('reads %s', (text, options) => {
	expect(parseTmpfs(text)).toEqual({ kind: 'tmpfs', destination: '/run', options });
});

it.each([
	'',
	'run',
	'/',
	'/run:',
	'/run:size',
	'/run:size=',
	'/run:size=x',
	'/run:size=-1',
	'/run:mode=8',
	'/run:uid=1e3',
	'/run:rw,,ro',
	'/run:what',
	'/run:what=1',
	'/run:constructor=1',
	'/run:size=1m\nuid=0',
])('refuses %j', text => {
	expectBadFlag(() => parseTmpfs(text), '--tmpfs', text);
});
