/** As many as a kernel can be built for (CONFIG_NR_CPUS; MAX_NUMNODES is smaller). */
const MAX_ID = 8191;
const MAX_LENGTH = 4096;

/**
 * What is wrong with a list of CPUs or memory nodes (cpuset(7), "List format": `0-3,5`), or undefined. The list is never
 * expanded, so the cost does not depend on its numbers (CVE-2018-20699).
 */
export function cpusetProblem(list: string): string | undefined {
	if (list.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
	for (const part of list.split(',')) {
		const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part);
		if (match === null) return 'is not a list of numbers and ranges';
		const first = Number(match[1]);
		const last = Number(match[2] ?? match[1]);
		if (last < first) return `has a range that ends before it begins, ${part}`;
		if (last > MAX_ID) return `names ${last}, the kernel counts to ${MAX_ID} at most`;
	}
	return undefined;
}
