import { describe, expect, it } from 'vitest';
import { ancestorsOf, defaultCgroupsPath, parseCgroupsPath } from '../../../../src/plan/cgroup/cgroup-path.ts';

describe('parseCgroupsPath', () => {
	it.each([
		['/tsrun/web', '/tsrun/web'],
		['web', '/web'],
		['//a///b/', '/a/b'],
		['/a:b:c/d', '/a:b:c/d'],
		['/...', '/...'],
		[`/${'x'.repeat(255)}`, `/${'x'.repeat(255)}`],
	])('reads %j', (text, path) => {
		expect(parseCgroupsPath(text)).toBe(path);
	});

	it.each([
		['', /names no cgroup/],
		['/', /names no cgroup/],
		['../host', /"\.\."/],
		['/a/../../b', /"\.\."/],
		['/a/./b', /"\."/],
		['/a\0b', /control character/],
		['/a\n0::/b', /control character/],
		['/a\u0085b', /control character/],
		[`/${'x'.repeat(256)}`, /255 bytes/],
		[`/${'ü'.repeat(128)}`, /255 bytes/],
		['system.slice:tsrun:web', /systemd/],
		[':tsrun:web', /systemd/],
	])('refuses %j', (text, message) => {
		expect(() => parseCgroupsPath(text)).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_CGROUPS_PATH', message: expect.stringMatching(message) }),
		);
	});

	it('shows no more than a part of a long path', () => {
		expect(() => parseCgroupsPath(`/${'x'.repeat(100_000)}`)).toThrow(/^.{0,260}$/);
	});
});

describe('defaultCgroupsPath', () => {
	it('is below one common cgroup', () => {
		expect(parseCgroupsPath(defaultCgroupsPath('abc'))).toBe('/tsrun/abc');
	});
});

describe('ancestorsOf', () => {
	it('lists those above, from the top', () => {
		expect(ancestorsOf('/a/b/c')).toEqual(['/a', '/a/b']);
		expect(ancestorsOf('/a')).toEqual([]);
	});
});
