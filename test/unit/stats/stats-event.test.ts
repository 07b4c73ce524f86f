import { describe, expect, it } from 'vitest';
import { containerStats } from '../../../src/stats/container-stats.ts';
import { oomEvent, statsEvent } from '../../../src/stats/stats-event.ts';
import { readRecord } from './read-record.ts';

const ZERO_MEMORY = '{"limit":0,"failcnt":0}';
const NO_CPUSET =
	'{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,"memory_spread_page":0,"memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0}';

describe('statsEvent', () => {
	it('writes v1 field for field as runc', () => {
		const stats = containerStats({
			v1: {
				cpu: readRecord({ 'cpu.stat': 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n' }),
				cpuacct: readRecord({
					'cpuacct.usage': '30\n',
					'cpuacct.usage_percpu': '10 20 \n',
					'cpuacct.usage_all': 'cpu user system\n0 10 0\n1 20 0\n',
					'cpuacct.stat': 'user 1\nsystem 0\n',
				}),
				cpuset: readRecord({ 'cpuset.cpus': '0-1\n', 'cpuset.mems': '0\n', 'cpuset.sched_relax_domain_level': '-1\n' }),
				memory: readRecord({
					'memory.stat': 'rss 5\ncache 4096\n',
					'memory.usage_in_bytes': '9\n',
					'memory.max_usage_in_bytes': '10\n',
					'memory.failcnt': '0\n',
					'memory.limit_in_bytes': '9223372036854771712\n',
				}),
				pids: readRecord({ 'pids.current': '1\n', 'pids.max': 'max\n' }),
				blkio: readRecord({ 'blkio.throttle.io_serviced_recursive': '254:0 Read 0\n' }),
			},
			pageSizes: [],
		});
		expect(statsEvent('web', stats)).toBe(
			'{"type":"stats","id":"web","data":{' +
				'"cpu":{"usage":{"total":30,"percpu":[10,20],"percpu_kernel":[0,0],"percpu_user":[10,20],"kernel":0,"user":10000000},"throttling":{}},' +
				`"cpuset":{"cpus":[0,1],"cpu_exclusive":0,"mems":[0],${NO_CPUSET.slice(19, -2)}-1},` +
				`"memory":{"cache":4096,"usage":{"limit":9223372036854771712,"usage":9,"max":10,"failcnt":0},"swap":${ZERO_MEMORY},"kernel":${ZERO_MEMORY},"kernelTCP":${ZERO_MEMORY},"raw":{"cache":4096,"rss":5}},` +
				'"pids":{"current":1},' +
				'"blkio":{"ioServicedRecursive":[{"major":254,"op":"Read"}]},' +
				'"hugetlb":{},"intel_rdt":{},"network_interfaces":null}}\n',
		);
	});

	it('writes v2 with pressure, and a limit that JavaScript has no number for', () => {
		const pressure = 'some avg10=0.51 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
		const stats = containerStats({
			v1: {},
			v2: readRecord({
				'cpu.stat': 'usage_usec 3\nuser_usec 2\nsystem_usec 1\n',
				'cpu.pressure': pressure,
				'memory.stat': 'file 1\n',
				'memory.current': '2\n',
				'memory.max': 'max\n',
				'memory.swap.current': '0\n',
				'memory.swap.max': 'max\n',
				'io.stat': '8:0 rbytes=4 wbytes=0 rios=1 wios=0\n',
				'pids.current': '2\n',
				'pids.max': '20\n',
				'hugetlb.2MB.current': '0\n',
				'hugetlb.2MB.events': 'max 0\n',
			}),
			pageSizes: ['2MB'],
		});
		const psi =
			'{"some":{"avg10":0.51,"avg60":0,"avg300":0,"total":7},"full":{"avg10":0,"avg60":0,"avg300":0,"total":0}}';
		expect(statsEvent('web', stats)).toBe(
			'{"type":"stats","id":"web","data":{' +
				`"cpu":{"usage":{"total":3000,"kernel":1000,"user":2000},"throttling":{},"psi":${psi}},"cpuset":${NO_CPUSET},` +
				`"memory":{"cache":1,"usage":{"limit":18446744073709551615,"usage":2,"failcnt":0},"swap":{"limit":18446744073709551615,"usage":2,"failcnt":0},"kernel":${ZERO_MEMORY},"kernelTCP":${ZERO_MEMORY},"raw":{"file":1}},` +
				'"pids":{"current":2,"limit":20},' +
				'"blkio":{"ioServiceBytesRecursive":[{"major":8,"op":"Read","value":4},{"major":8,"op":"Write"}],"ioServicedRecursive":[{"major":8,"op":"Read","value":1},{"major":8,"op":"Write"}]},' +
				'"hugetlb":{"2MB":{"failcnt":0}},"intel_rdt":{},"network_interfaces":null}}\n',
		);
	});
});

it('has a line for a kill at the memory limit', () => {
	expect(oomEvent('web')).toBe('{"type":"oom","id":"web"}\n');
});
