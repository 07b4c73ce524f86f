import { expect, it } from 'vitest';
import { cpuStatsV1, cpuStatsV2 } from '../../../src/stats/cpu-stats.ts';
import { readRecord } from './read-record.ts';

it('reads v1 from two controllers, ticks as nanoseconds', () => {
	const cpu = readRecord({ 'cpu.stat': 'nr_periods 2000\nnr_throttled 200\nthrottled_time 18446744073709551615\n' });
	const cpuacct = readRecord({
		'cpuacct.usage': '12262454190222160\n',
		'cpuacct.usage_percpu': '1564936537989058 1583937096487821 \n',
		'cpuacct.usage_all': 'cpu user system\n0 962250696038415 637727786389114\n1 981956408513304 638197595421064\n',
		'cpuacct.stat': 'user 452278264\nsystem 291429664\n',
	});
	expect(cpuStatsV1(cpu, cpuacct)).toEqual({
		total: 12_262_454_190_222_160n,
		user: 4_522_782_640_000_000n,
		kernel: 2_914_296_640_000_000n,
		perCpu: [1_564_936_537_989_058n, 1_583_937_096_487_821n],
		perCpuUser: [962_250_696_038_415n, 981_956_408_513_304n],
		perCpuKernel: [637_727_786_389_114n, 638_197_595_421_064n],
		periods: 2000n,
		throttledPeriods: 200n,
		throttledTime: 18_446_744_073_709_551_615n,
	});
});

it('reads v2 from one file, microseconds as nanoseconds', () => {
	const read = readRecord({
		'cpu.stat':
			'usage_usec 7000\nuser_usec 4000\nsystem_usec 3000\nnr_periods 5\nnr_throttled 2\nthrottled_usec 9\nnr_bursts 0\n',
		'cpu.pressure': 'some avg10=0.50 avg60=0.00 avg300=0.00 total=1\n',
	});
	expect(cpuStatsV2(read)).toMatchObject({
		total: 7_000_000n,
		user: 4_000_000n,
		kernel: 3_000_000n,
		perCpu: [],
		periods: 5n,
		throttledPeriods: 2n,
		throttledTime: 9000n,
		pressure: { some: { avg10: 0.5, total: 1n } },
	});
});

it('is zero where nothing is counted', () => {
	const zero = { total: 0n, user: 0n, kernel: 0n, perCpu: [], periods: 0n, throttledPeriods: 0n, throttledTime: 0n };
	expect(cpuStatsV1(undefined, undefined)).toMatchObject(zero);
	expect(cpuStatsV2(readRecord({}))).toMatchObject(zero);
});
