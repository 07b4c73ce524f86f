import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mountpointOf } from '../../../src/runtime/mountpoint-of.ts';

describe('mountpointOf', () => {
	it('is the mount point itself for a mount point', () => {
		expect([mountpointOf('/'), mountpointOf('/proc')]).toEqual(['/', '/proc']);
	});

	it('is the longest mount point that holds the directory', () => {
		expect(mountpointOf('/proc/self/fd')).toBe('/proc');
	});

	it('does not take the beginning of a name for a directory', () => {
		expect(mountpointOf('/procedures/of/tsrun')).toBe('/');
	});

	it('holds the same file system as the directory', () => {
		const point = mountpointOf(import.meta.dirname);
		expect(import.meta.dirname.startsWith(point)).toBe(true);
		expect(statSync(point).dev).toBe(statSync(import.meta.dirname).dev);
	});
});
