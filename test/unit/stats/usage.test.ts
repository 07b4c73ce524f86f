import { expect, it } from 'vitest';
import { containerStats } from '../../../src/stats/container-stats.ts';
import { type Sample, usageBetween } from '../../../src/stats/usage.ts';
import { readRecord } from './read-record.ts';

const GIB = 2 ** 30;
const SECOND = 1_000_000_000n;
type Files = Readonly<Record<string, string>>;

function v1(at: bigint, files: Files): Sample {
	const read = readRecord(files);
	const controllers = { cpu: read, cpuacct: read, memory: read, pids: read, blkio: read };
	return { at, stats: containerStats({ v1: controllers, pageSizes: [] }), oomKills: 0n };
}
function v2(at: bigint, files: Files): Sample {
	return { at, stats: containerStats({ v1: {}, v2: readRecord(files), pageSizes: [] }), oomKills: 3n };
}

it('takes the CPU between two samples, and all else from the second', () => {
	const before = v2(SECOND, { 'cpu.stat': 'usage_usec 500000\n', 'pids.current': '9\n' });
	const after = v2(3n * SECOND, {
		'cpu.stat': 'usage_usec 3500000\nnr_periods 20\nnr_throttled 7\n',
		'cpu.pressure': 'some avg10=1.50 avg60=0 avg300=0 total=0\n',
		'memory.current': `${GIB}\n`,
		'memory.max': `${2 * GIB}\n`,
		'memory.stat': `inactive_file ${GIB / 4}\n`,
		'pids.current': '4\n',
		'io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=1\n8:16 rbytes=5 wbytes=0\n',
	});
	const network = { received: 7n, sent: 8n };
	expect(usageBetween(before, { ...after, network }, 8 * GIB)).toEqual({
		cpuPercent: 150,
		memory: (GIB * 3) / 4,
		memoryLimit: 2 * GIB,
		pids: 4,
		network: { received: 7, sent: 8 },
		block: { read: 15, written: 20 },
		periods: 20,
		throttledPeriods: 7,
		pressure: { cpu: 1.5 },
		oomKills: 3,
	});
});

it('reads v1, whose files name the cgroups below apart and devices by operation', () => {
	const files = {
		'cpuacct.usage': '100\n',
		'memory.usage_in_bytes': '1000\n',
		'memory.limit_in_bytes': '9223372036854771712\n',
		'memory.stat': 'inactive_file 1\ntotal_inactive_file 400\n',
		'blkio.throttle.io_serviced_recursive': '8:0 Read 1\n8:0 Write 1\n',
		'blkio.throttle.io_service_bytes_recursive': '8:0 Read 30\n8:0 Write 40\n8:0 Sync 70\n8:0 Total 70\nTotal 70\n',
	};
	expect(usageBetween(v1(0n, files), v1(SECOND, files), GIB)).toMatchObject({
		cpuPercent: 0,
		memory: 600,
		memoryLimit: GIB,
		block: { read: 30, written: 40 },
		pressure: {},
	});
});

it.each([
	['one sample', SECOND, '5'],
	['a counter that fell', 2n * SECOND, '4'],
])('%s is no use of the CPU', (_, at, usage) => {
	const before = v1(SECOND, { 'cpuacct.usage': '5\n' });
	expect(usageBetween(before, v1(at, { 'cpuacct.usage': `${usage}\n` }), GIB).cpuPercent).toBe(0);
});

it('does not let a cache larger than the use make it negative, and takes no limit for that of the host', () => {
	const sample = v1(0n, { 'memory.usage_in_bytes': '5\n', 'memory.stat': 'total_inactive_file 9\n' });
	expect(usageBetween(sample, sample, GIB)).toMatchObject({ memory: 5, memoryLimit: GIB });
});
