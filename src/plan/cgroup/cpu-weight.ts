/** What cpu.shares of v1 can be (kernel/sched/sched.h). */
export const SHARES = { min: 2, max: 262_144 };
const WEIGHT = { min: 1, max: 10_000 };

/**
 * cpu.shares of v1 as cpu.weight of cgroup2, by the curve that runc (since 1.3.2) and crun share: a quadratic in log2(shares)
 * through both ends and both defaults (2 → 1, 1024 → 100, 262144 → 10000).
 */
export function cpuWeight(shares: number): number {
	if (shares <= SHARES.min) return WEIGHT.min;
	if (shares >= SHARES.max) return WEIGHT.max;
	const log = Math.log2(shares);
	return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}
