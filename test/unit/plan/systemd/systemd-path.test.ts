import { describe, expect, it } from 'vitest';
import { isSystemdPath } from '../../../../src/plan/systemd/systemd-path.ts';

describe('isSystemdPath', () => {
	it.each([
		['system.slice:runc:web', true],
		[':runc:web', true],
		['::web', true],
		['system.slice:runc:', false],
		['/a:b:c/d', false],
		['a:b', false],
		['', false],
	])('of %j is %s', (path, is) => {
		expect(isSystemdPath(path)).toBe(is);
	});
});
