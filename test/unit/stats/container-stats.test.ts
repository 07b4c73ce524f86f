import { expect, it } from 'vitest';
import { containerStats } from '../../../src/stats/container-stats.ts';
import { readRecord } from './read-record.ts';

it('takes each controller from where a hybrid host has it', () => {
	const stats = containerStats({
		v1: {
			pids: readRecord({ 'pids.current': '4\n', 'pids.max': '9\n' }),
			cpuacct: readRecord({ 'cpuacct.usage': '5\n' }),
		},
		v2: readRecord({
			'cgroup.procs': '1\n',
			'cpu.stat': 'usage_usec 1\n',
			'memory.current': '6\n',
			'hugetlb.2MB.current': '7\n',
		}),
		pageSizes: ['2MB'],
	});
	expect(stats).toMatchObject({
		cpu: { total: 5n },
		pids: { current: 4n, limit: 9n },
		memory: { usage: { usage: 6n } },
		hugetlb: { '2MB': { usage: 7n } },
	});
});
