import { expect, it } from 'vitest';
import { parseDevice } from '../../../src/spec/parse-device.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['/dev/fuse', '/dev/fuse', '/dev/fuse', 'rwm'],
	['/dev/fuse:rw', '/dev/fuse', '/dev/fuse', 'rw'],
	['/dev/sda:/dev/xvda', '/dev/sda', '/dev/xvda', 'rwm'],
	['/dev/sda:/dev/xvda:r', '/dev/sda', '/dev/xvda', 'r'],
	['/dev/snd/', '/dev/snd', '/dev/snd', 'rwm'],
])('reads %s', (text, source, destination, access) => {
	expect(parseDevice(text)).toEqual({ source, destination, access });
});

it.each([
	'',
	'fuse',
	'vendor.com/class=name',
	'/dev/a:b',
	'/dev/a:/dev/b:x',
	'/dev/a:/dev/b:rr',
	'/dev/a:/b:r:w',
	'/dev/a:',
	'/dev/a:/b:',
])('refuses %j', text => {
	expectBadFlag(() => parseDevice(text), '--device', text);
});
