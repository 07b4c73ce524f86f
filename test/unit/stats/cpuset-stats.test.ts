import { expect, it } from 'vitest';
import { cpusetStats } from '../../../src/stats/cpuset-stats.ts';
import { readRecord } from './read-record.ts';

it('spells out the sets and reads the flags', () => {
	const read = readRecord({
		'cpuset.cpus': '0-2,7,12-13\n',
		'cpuset.mems': '0\n',
		'cpuset.cpu_exclusive': '1\n',
		'cpuset.sched_load_balance': '1\n',
		'cpuset.sched_relax_domain_level': '-1\n',
	});
	expect(cpusetStats(read)).toMatchObject({
		cpus: [0, 1, 2, 7, 12, 13],
		mems: [0],
		flags: { cpu_exclusive: 1n, mem_hardwall: 0n, sched_load_balance: 1n, sched_relax_domain_level: -1n },
	});
});

it('is empty without the controller or with an empty set, and bounded by 16 bits', () => {
	expect(cpusetStats(undefined)).toMatchObject({ cpus: [], mems: [], flags: { sched_relax_domain_level: 0n } });
	expect(cpusetStats(readRecord({ 'cpuset.cpus': '\n' })).cpus).toEqual([]);
	expect(cpusetStats(readRecord({ 'cpuset.cpus': '65534-2147483647\n' })).cpus).toEqual([65_534, 65_535]);
});
