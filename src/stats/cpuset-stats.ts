import { numberIn, type ReadControl } from './control-file.ts';

/** cpuset(7), v1. */
export interface CpusetStats {
	readonly cpus: readonly number[];
	readonly mems: readonly number[];
	/** The numbers of the other files, by their names. */
	readonly flags: Readonly<Record<CpusetFlag, bigint>>;
}

export const CPUSET_FLAGS = [
	'cpu_exclusive',
	'mem_hardwall',
	'mem_exclusive',
	'memory_migrate',
	'memory_spread_page',
	'memory_spread_slab',
	'memory_pressure',
	'sched_load_balance',
	'sched_relax_domain_level',
] as const;
export type CpusetFlag = (typeof CPUSET_FLAGS)[number];

/** The largest number of a CPU or a memory node that is taken for one. */
const LARGEST = 0xffff;

export function cpusetStats(read: ReadControl | undefined): CpusetStats {
	const flag = (name: CpusetFlag): bigint => {
		if (read === undefined) return 0n;
		// The only one that can be below zero: -1 is "no request".
		if (name === 'sched_relax_domain_level' && read(`cpuset.${name}`)?.trim() === '-1') return -1n;
		return numberIn(read, `cpuset.${name}`) ?? 0n;
	};
	return {
		cpus: membersOf(read?.('cpuset.cpus')),
		mems: membersOf(read?.('cpuset.mems')),
		flags: Object.fromEntries(CPUSET_FLAGS.map(name => [name, flag(name)])) as Record<CpusetFlag, bigint>,
	};
}

/** `0-2,4` → 0, 1, 2, 4. */
function membersOf(list: string | undefined): readonly number[] {
	return (list ?? '')
		.trim()
		.split(',')
		.flatMap(range => {
			const match = /^(\d+)(?:-(\d+))?$/.exec(range);
			if (match === null) return [];
			const first = Number(match[1]);
			const last = Math.min(Number(match[2] ?? match[1]), LARGEST);
			return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
		});
}
