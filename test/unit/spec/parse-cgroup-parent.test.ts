import { expect, it } from 'vitest';
import { parseCgroupParent } from '../../../src/spec/parse-cgroup-parent.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['work', '/work'],
	['/work/', '/work'],
	['//a/./b', '/a/b'],
])('reads %s', (text, path) => {
	expect(parseCgroupParent(text)).toBe(path);
});

it.each(['', '/', '.', '..', '/a/../b', 'a b', 'a\nb', 'a\0', `/${'x'.repeat(1030)}`])('refuses %j', text => {
	expectBadFlag(() => parseCgroupParent(text), '--cgroup-parent', text.slice(0, 200));
});
