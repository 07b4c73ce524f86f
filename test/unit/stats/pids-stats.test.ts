import { expect, it } from 'vitest';
import { pidsStats } from '../../../src/stats/pids-stats.ts';
import { readRecord } from './read-record.ts';

it.each([
	[
		{ 'pids.current': '3\n', 'pids.max': '10\n' },
		{ current: 3n, limit: 10n },
	],
	[
		{ 'pids.current': '3\n', 'pids.max': 'max\n' },
		{ current: 3n, limit: 0n },
	],
	[{ 'cgroup.procs': '1\n7\n' }, { current: 2n, limit: 0n }],
	[{}, { current: 0n, limit: 0n }],
])('reads %j', (files, expected) => {
	expect(pidsStats(readRecord(files as Record<string, string>))).toEqual(expected);
});
