import { expect, it } from 'vitest';
import { hugetlbStatsV1, hugetlbStatsV2, pageSizeOf } from '../../../src/stats/hugetlb-stats.ts';
import { readRecord } from './read-record.ts';

it('reads v1, of reservations where they are counted', () => {
	const files = (prefix: string, usage: number) => ({
		[`${prefix}.usage_in_bytes`]: `${usage}\n`,
		[`${prefix}.max_usage_in_bytes`]: '200\n',
		[`${prefix}.failcnt`]: '3\n',
	});
	const read = readRecord({
		...files('hugetlb.2MB', 1),
		...files('hugetlb.2MB.rsvd', 100),
		...files('hugetlb.1GB', 7),
	});
	expect(hugetlbStatsV1(read, ['2MB', '1GB', '64KB'])).toEqual({
		'2MB': { usage: 100n, max: 200n, failcnt: 3n },
		'1GB': { usage: 7n, max: 200n, failcnt: 3n },
	});
});

it('reads v2', () => {
	const read = readRecord({ 'hugetlb.2MB.current': '5\n', 'hugetlb.2MB.events': 'max 4\n' });
	expect(hugetlbStatsV2(read, ['2MB', '1GB'])).toEqual({ '2MB': { usage: 5n, max: 0n, failcnt: 4n } });
});

it.each([
	['hugepages-64kB', '64KB'],
	['hugepages-2048kB', '2MB'],
	['hugepages-1048576kB', '1GB'],
	['hugepages-16777216kB', '16GB'],
	['..', undefined],
])('calls %s %s', (directory, size) => {
	expect(pageSizeOf(directory)).toBe(size);
});
