import { keyedNumbers, numberIn, type ReadControl } from './control-file.ts';

export interface HugetlbStats {
	readonly usage: bigint;
	readonly max: bigint;
	readonly failcnt: bigint;
}

export type HugetlbBySize = Readonly<Record<string, HugetlbStats>>;

/** cgroup-v1/hugetlb.rst: reservations where the kernel counts them (5.7), since pages that are reserved cannot be had. */
export function hugetlbStatsV1(read: ReadControl, pageSizes: readonly string[]): HugetlbBySize {
	return bySize(pageSizes, size => {
		const of = (prefix: string): HugetlbStats | undefined => {
			const usage = numberIn(read, `${prefix}.usage_in_bytes`);
			if (usage === undefined) return undefined;
			const max = numberIn(read, `${prefix}.max_usage_in_bytes`) ?? 0n;
			return { usage, max, failcnt: numberIn(read, `${prefix}.failcnt`) ?? 0n };
		};
		return of(`hugetlb.${size}.rsvd`) ?? of(`hugetlb.${size}`);
	});
}

/** cgroup-v2.rst, "HugeTLB Interface Files". */
export function hugetlbStatsV2(read: ReadControl, pageSizes: readonly string[]): HugetlbBySize {
	return bySize(pageSizes, size => {
		const usage = numberIn(read, `hugetlb.${size}.rsvd.current`) ?? numberIn(read, `hugetlb.${size}.current`);
		if (usage === undefined) return undefined;
		return { usage, max: 0n, failcnt: keyedNumbers(read(`hugetlb.${size}.events`)).get('max') ?? 0n };
	});
}

function bySize(sizes: readonly string[], read: (size: string) => HugetlbStats | undefined): HugetlbBySize {
	const found = sizes.flatMap(size => {
		const stats = read(size);
		return stats === undefined ? [] : [[size, stats] as const];
	});
	return Object.fromEntries(found);
}

/** `hugepages-2048kB`, a directory of /sys/kernel/mm/hugepages → `2MB`, as the control files have it. */
export function pageSizeOf(directory: string): string | undefined {
	const kilobytes = Number(/^hugepages-(\d+)kB$/.exec(directory)?.[1] ?? Number.NaN);
	if (Number.isNaN(kilobytes)) return undefined;
	if (kilobytes >= 1 << 20) return `${kilobytes >> 20}GB`;
	return kilobytes >= 1 << 10 ? `${kilobytes >> 10}MB` : `${kilobytes}KB`;
}
