import { keyedNumbers, numberIn, type ReadControl, UNLIMITED } from './control-file.ts';
import { type Pressure, parsePressure } from './pressure.ts';

/** Bytes; `failcnt` counts how often the limit was met. */
export interface MemoryEntry {
	readonly usage: bigint;
	readonly max: bigint;
	readonly failcnt: bigint;
	readonly limit: bigint;
}

export interface MemoryStats {
	readonly cache: bigint;
	readonly usage: MemoryEntry;
	/** Memory and swap together, also where the kernel counts swap alone. */
	readonly swap: MemoryEntry;
	readonly kernel: MemoryEntry;
	readonly kernelTCP: MemoryEntry;
	/** memory.stat. */
	readonly raw: ReadonlyMap<string, bigint>;
	readonly pressure?: Pressure;
}

export const NO_MEMORY: MemoryEntry = { usage: 0n, max: 0n, failcnt: 0n, limit: 0n };

/** cgroup-v1/memory.rst. */
export function memoryStatsV1(read: ReadControl): MemoryStats {
	const raw = keyedNumbers(read('memory.stat'));
	const entry = (prefix: string): MemoryEntry => ({
		usage: numberIn(read, `${prefix}.usage_in_bytes`) ?? 0n,
		max: numberIn(read, `${prefix}.max_usage_in_bytes`) ?? 0n,
		failcnt: numberIn(read, `${prefix}.failcnt`) ?? 0n,
		limit: numberIn(read, `${prefix}.limit_in_bytes`) ?? 0n,
	});
	return {
		cache: raw.get('cache') ?? 0n,
		usage: entry('memory'),
		swap: entry('memory.memsw'),
		kernel: entry('memory.kmem'),
		kernelTCP: entry('memory.kmem.tcp'),
		raw,
	};
}

/** cgroup-v2.rst, "Memory Interface Files". */
export function memoryStatsV2(read: ReadControl): MemoryStats {
	const raw = keyedNumbers(read('memory.stat'));
	const pressure = parsePressure(read('memory.pressure'));
	const usage: MemoryEntry = {
		usage: numberIn(read, 'memory.current') ?? 0n,
		max: numberIn(read, 'memory.peak') ?? 0n,
		failcnt: 0n,
		limit: numberIn(read, 'memory.max') ?? 0n,
	};
	return {
		cache: raw.get('file') ?? 0n,
		usage,
		swap: withSwap(usage, read),
		kernel: NO_MEMORY,
		kernelTCP: NO_MEMORY,
		raw,
		...(pressure === undefined ? {} : { pressure }),
	};
}

/** The peaks of both need not have been at the same time, so they make no peak of the sum. */
function withSwap({ usage, limit }: MemoryEntry, read: ReadControl): MemoryEntry {
	const swap = numberIn(read, 'memory.swap.current') ?? 0n;
	const most = numberIn(read, 'memory.swap.max') ?? 0n;
	return { usage: usage + swap, max: 0n, failcnt: 0n, limit: sum(limit, most) };
}

function sum(limit: bigint, swap: bigint): bigint {
	return swap === UNLIMITED || limit === UNLIMITED ? UNLIMITED : limit + swap;
}
