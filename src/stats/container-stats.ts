import { type BlockIOStats, blockIOStatsV1, blockIOStatsV2 } from './block-io-stats.ts';
import type { ReadControl } from './control-file.ts';
import { type CpuStats, cpuStatsV1, cpuStatsV2 } from './cpu-stats.ts';
import { type CpusetStats, cpusetStats } from './cpuset-stats.ts';
import { type HugetlbBySize, hugetlbStatsV1, hugetlbStatsV2 } from './hugetlb-stats.ts';
import { type MemoryStats, memoryStatsV1, memoryStatsV2 } from './memory-stats.ts';
import { type PidsStats, pidsStats } from './pids-stats.ts';

/** The control files of one container. */
export interface ControlFiles {
	/** By v1 controller. */
	readonly v1: Readonly<Record<string, ReadControl>>;
	readonly v2?: ReadControl;
	/** As in the names of the files: `2MB`. */
	readonly pageSizes: readonly string[];
}

export interface ContainerStats {
	readonly cpu: CpuStats;
	readonly cpuset: CpusetStats;
	readonly memory: MemoryStats;
	readonly pids: PidsStats;
	readonly blockIO: BlockIOStats;
	readonly hugetlb: HugetlbBySize;
}

const NOTHING: ReadControl = () => undefined;

/** What the kernel has counted, by each controller where it is: on a hybrid host that may be either kind of hierarchy. */
export function containerStats({ v1, v2 = NOTHING, pageSizes }: ControlFiles): ContainerStats {
	const { cpu, cpuacct, cpuset, memory, pids, blkio, hugetlb } = v1;
	return {
		cpu: cpu === undefined && cpuacct === undefined ? cpuStatsV2(v2) : cpuStatsV1(cpu, cpuacct),
		cpuset: cpusetStats(cpuset),
		memory: memory === undefined ? memoryStatsV2(v2) : memoryStatsV1(memory),
		pids: pidsStats(pids ?? v2),
		blockIO: blkio === undefined ? blockIOStatsV2(v2) : blockIOStatsV1(blkio),
		hugetlb: hugetlb === undefined ? hugetlbStatsV2(v2, pageSizes) : hugetlbStatsV1(hugetlb, pageSizes),
	};
}
