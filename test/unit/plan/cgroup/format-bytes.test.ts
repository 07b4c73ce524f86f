import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../../src/plan/cgroup/format-bytes.ts';

describe('formatBytes', () => {
	it.each([
		[0, '0 bytes'],
		[1000, '1000 bytes'],
		[1024, '1 KiB'],
		[64 * 1024 ** 2, '64 MiB'],
		[1.5 * 1024 ** 3, '1.5 GiB'],
		[64 * 1024 ** 2 + 1, '67108865 bytes'],
		[64 * 1024 ** 2 + 4096, '65540 KiB'],
	])('shows %i exactly', (bytes, text) => {
		expect(formatBytes(bytes)).toBe(text);
	});
});
