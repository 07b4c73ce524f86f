import { BLOCK_IO_TABLES, type BlockIOEntry, type BlockIOStats } from './block-io-stats.ts';
import type { ContainerStats } from './container-stats.ts';
import type { CpuStats } from './cpu-stats.ts';
import { CPUSET_FLAGS, type CpusetStats } from './cpuset-stats.ts';
import { type ExactJson, exactJson } from './exact-json.ts';
import type { HugetlbStats } from './hugetlb-stats.ts';
import type { MemoryEntry, MemoryStats } from './memory-stats.ts';
import type { Pressure } from './pressure.ts';

/** One line of `events`, as runc writes it: field for field, in its order, with what it leaves out where a value is zero. */
export function statsEvent(id: string, stats: ContainerStats): string {
	const { cpu, cpuset, memory, pids, blockIO, hugetlb } = stats;
	const data = {
		cpu: cpuData(cpu),
		cpuset: cpusetData(cpuset),
		memory: memoryData(memory),
		pids: { current: unlessZero(pids.current), limit: unlessZero(pids.limit) },
		blkio: blockIOData(blockIO),
		hugetlb: sorted(Object.entries(hugetlb).map(([size, each]) => [size, hugetlbData(each)])),
		intel_rdt: {},
		network_interfaces: null,
	};
	return `${exactJson({ type: 'stats', id, data })}\n`;
}

/** The line for a kill at the memory limit. */
export function oomEvent(id: string): string {
	return `${exactJson({ type: 'oom', id })}\n`;
}

function cpuData(cpu: CpuStats): ExactJson {
	return {
		usage: {
			total: unlessZero(cpu.total),
			percpu: unlessEmpty(cpu.perCpu),
			percpu_kernel: unlessEmpty(cpu.perCpuKernel),
			percpu_user: unlessEmpty(cpu.perCpuUser),
			kernel: cpu.kernel,
			user: cpu.user,
		},
		throttling: {
			periods: unlessZero(cpu.periods),
			throttledPeriods: unlessZero(cpu.throttledPeriods),
			throttledTime: unlessZero(cpu.throttledTime),
		},
		psi: pressureData(cpu.pressure),
	};
}

function cpusetData({ cpus, mems, flags }: CpusetStats): ExactJson {
	const [cpuExclusive, ...others] = CPUSET_FLAGS.map(name => [name, flags[name]] as const);
	return {
		cpus: unlessEmpty(cpus),
		...Object.fromEntries(cpuExclusive === undefined ? [] : [cpuExclusive]),
		mems: unlessEmpty(mems),
		...Object.fromEntries(others),
	};
}

function memoryData({ cache, usage, swap, kernel, kernelTCP, raw, pressure }: MemoryStats): ExactJson {
	return {
		cache: unlessZero(cache),
		usage: memoryEntryData(usage),
		swap: memoryEntryData(swap),
		kernel: memoryEntryData(kernel),
		kernelTCP: memoryEntryData(kernelTCP),
		raw: raw.size === 0 ? undefined : sorted([...raw]),
		psi: pressureData(pressure),
	};
}

function memoryEntryData({ limit, usage, max, failcnt }: MemoryEntry): ExactJson {
	return { limit, usage: unlessZero(usage), max: unlessZero(max), failcnt };
}

function blockIOData({ tables, pressure }: BlockIOStats): ExactJson {
	const present = BLOCK_IO_TABLES.map(name => [name, unlessEmpty((tables[name] ?? []).map(blockIOEntryData))] as const);
	return { ...Object.fromEntries(present), psi: pressureData(pressure) };
}

function blockIOEntryData({ major, minor, op, value }: BlockIOEntry): ExactJson {
	return {
		major: unlessZero(major),
		minor: unlessZero(minor),
		op: op === '' ? undefined : op,
		value: unlessZero(value),
	};
}

function hugetlbData({ usage, max, failcnt }: HugetlbStats): ExactJson {
	return { usage: unlessZero(usage), max: unlessZero(max), failcnt };
}

function pressureData(pressure: Pressure | undefined): ExactJson | undefined {
	return pressure === undefined ? undefined : { some: { ...pressure.some }, full: { ...pressure.full } };
}

const unlessZero = (value: bigint): bigint | undefined => (value === 0n ? undefined : value);

const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

const sorted = (entries: readonly (readonly [string, ExactJson])[]): ExactJson =>
	Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
