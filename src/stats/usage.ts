import type { BlockIOEntry } from './block-io-stats.ts';
import type { ContainerStats } from './container-stats.ts';
import type { NetworkCounters } from './network-counters.ts';

/** What was counted for a container until one moment. */
export interface Sample {
	/** Nanoseconds of a clock that only goes forward. */
	readonly at: bigint;
	readonly stats: ContainerStats;
	/** Absent where the container has no network namespace of its own that can be read. */
	readonly network?: NetworkCounters;
	readonly oomKills: bigint;
}

/** What a container uses. Sizes in bytes. */
export interface Usage {
	/** Of one CPU between two samples: 200 is two whole ones. */
	readonly cpuPercent: number;
	/** Without the file cache that the kernel would give up first, as docker counts. */
	readonly memory: number;
	/** The limit of the cgroup, or the memory of the host where that is smaller. */
	readonly memoryLimit: number;
	readonly pids: number;
	readonly network?: { readonly received: number; readonly sent: number };
	readonly block: { readonly read: number; readonly written: number };
	readonly periods: number;
	readonly throttledPeriods: number;
	/** Percent of the last ten seconds in which at least one process waited; cgroup v2 only. */
	readonly pressure: { readonly cpu?: number; readonly memory?: number; readonly io?: number };
	readonly oomKills: number;
}

/** @param hostMemory bytes */
export function usageBetween(before: Sample, { at, stats, network, oomKills }: Sample, hostMemory: number): Usage {
	const { cpu, memory, pids, blockIO } = stats;
	const [used, passed] = [cpu.total - before.stats.cpu.total, at - before.at];
	// total_inactive_file of v1 counts the cgroups below too, as inactive_file of v2 does
	const inactive = memory.raw.get('total_inactive_file') ?? memory.raw.get('inactive_file') ?? 0n;
	const limit = Number(memory.usage.limit);
	const bytes = blockIO.tables.ioServiceBytesRecursive ?? [];
	return {
		cpuPercent: passed > 0n && used > 0n ? (Number(used) / Number(passed)) * 100 : 0,
		memory: Number(memory.usage.usage > inactive ? memory.usage.usage - inactive : memory.usage.usage),
		memoryLimit: limit > 0 ? Math.min(limit, hostMemory) : hostMemory,
		pids: Number(pids.current),
		...(network === undefined ? {} : { network: { received: Number(network.received), sent: Number(network.sent) } }),
		block: { read: sumOf(bytes, 'read'), written: sumOf(bytes, 'write') },
		periods: Number(cpu.periods),
		throttledPeriods: Number(cpu.throttledPeriods),
		pressure: {
			...(cpu.pressure === undefined ? {} : { cpu: cpu.pressure.some.avg10 }),
			...(memory.pressure === undefined ? {} : { memory: memory.pressure.some.avg10 }),
			...(blockIO.pressure === undefined ? {} : { io: blockIO.pressure.some.avg10 }),
		},
		oomKills: Number(oomKills),
	};
}

function sumOf(entries: readonly BlockIOEntry[], op: string): number {
	return entries.reduce((sum, entry) => (entry.op.toLowerCase() === op ? sum + Number(entry.value) : sum), 0);
}
