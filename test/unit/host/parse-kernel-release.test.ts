import { describe, expect, it } from 'vitest';
import { parseKernelRelease } from '../../../src/host/parse-kernel-release.ts';

describe('parseKernelRelease', () => {
	it.each([
		['6.18.44-fc-v657', 6, 18],
		['5.10.0-28-amd64', 5, 10],
		['6.1-rc3', 6, 1],
	])('reads %s', (release, major, minor) => {
		expect(parseKernelRelease(release)).toEqual({ release, major, minor });
	});

	it('refuses what has no version', () => {
		expect(() => parseKernelRelease('linux')).toThrow(/has no version/);
	});
});
