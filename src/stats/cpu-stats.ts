import { keyedNumbers, linesOf, numberIn, parseNumber, type ReadControl } from './control-file.ts';
import { type Pressure, parsePressure } from './pressure.ts';

/** Times in nanoseconds. */
export interface CpuStats {
	readonly total: bigint;
	readonly kernel: bigint;
	readonly user: bigint;
	/** One entry a CPU; v1 only. */
	readonly perCpu: readonly bigint[];
	readonly perCpuKernel: readonly bigint[];
	readonly perCpuUser: readonly bigint[];
	readonly periods: bigint;
	readonly throttledPeriods: bigint;
	readonly throttledTime: bigint;
	readonly pressure?: Pressure;
}

/** Of a clock tick, which is a hundredth of a second wherever programs look (USER_HZ). */
const TICK_NS = 10_000_000n;
const MICROSECOND_NS = 1000n;

/** cpuacct.rst and sched-bwc.rst: use is one controller's, throttling another's. */
export function cpuStatsV1(cpu: ReadControl | undefined, cpuacct: ReadControl | undefined): CpuStats {
	const throttling = keyedNumbers(cpu?.('cpu.stat'));
	const usage = keyedNumbers(cpuacct?.('cpuacct.stat'));
	// The first line names the columns: cpu user system.
	const [, ...perCpu] = linesOf(cpuacct?.('cpuacct.usage_all')).map(line => line.split(' '));
	return {
		total: (cpuacct === undefined ? undefined : numberIn(cpuacct, 'cpuacct.usage')) ?? 0n,
		user: (usage.get('user') ?? 0n) * TICK_NS,
		kernel: (usage.get('system') ?? 0n) * TICK_NS,
		perCpu: numbers((cpuacct?.('cpuacct.usage_percpu') ?? '').split(/\s+/)),
		perCpuUser: numbers(perCpu.map(([, user]) => user)),
		perCpuKernel: numbers(perCpu.map(([, , system]) => system)),
		periods: throttling.get('nr_periods') ?? 0n,
		throttledPeriods: throttling.get('nr_throttled') ?? 0n,
		throttledTime: throttling.get('throttled_time') ?? 0n,
	};
}

/** cgroup-v2.rst, "CPU Interface Files". */
export function cpuStatsV2(read: ReadControl): CpuStats {
	const stat = keyedNumbers(read('cpu.stat'));
	const pressure = parsePressure(read('cpu.pressure'));
	const microseconds = (key: string): bigint => (stat.get(key) ?? 0n) * MICROSECOND_NS;
	return {
		total: microseconds('usage_usec'),
		user: microseconds('user_usec'),
		kernel: microseconds('system_usec'),
		perCpu: [],
		perCpuUser: [],
		perCpuKernel: [],
		periods: stat.get('nr_periods') ?? 0n,
		throttledPeriods: stat.get('nr_throttled') ?? 0n,
		throttledTime: microseconds('throttled_usec'),
		...(pressure === undefined ? {} : { pressure }),
	};
}

function numbers(texts: readonly (string | undefined)[]): readonly bigint[] {
	return texts.flatMap(text => parseNumber(text) ?? []);
}
