import { expect, it } from 'vitest';
import { mountDestination } from '../../../src/spec/mount-destination.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['/data', '/data'],
	['/data/', '/data'],
	['//a//./b/../c', '/a/c'],
	['/../../etc', '/etc'],
])('cleans %s', (path, clean) => {
	expect(mountDestination('--volume', path, 'whole')).toBe(clean);
});

it.each(['', 'data', './data', '/', '//', '/..', '/a/..'])('refuses %j', path => {
	expectBadFlag(() => mountDestination('--volume', path, 'whole'), '--volume', 'whole');
});
