import type { HealthCheck } from '../core/health-check.ts';

/** One probe that is over. Times are nanoseconds since the epoch. */
export interface ProbeResult {
	readonly began: bigint;
	readonly ended: bigint;
	/** 0: well; -1: it lasted too long. */
	readonly exitCode: number;
}

export interface Health {
	readonly status: 'starting' | 'healthy' | 'unhealthy';
	/** Failures since the newest success; no more than there are results. */
	readonly failingStreak: number;
}

/**
 * docker's rules: one success is enough to be healthy, `retries` failures one after the other are needed to be unhealthy, and those of the
 * start period do not count until there was a success.
 * @param results the oldest first
 * @param started nanoseconds since the epoch
 */
export function judgeHealth(
	results: readonly ProbeResult[],
	{ retries, startPeriodMs }: Pick<HealthCheck, 'retries' | 'startPeriodMs'>,
	started: bigint,
): Health {
	const end = started + BigInt(Math.round(startPeriodMs * 1e6));
	return results.reduce<Health>(
		({ status, failingStreak }, { exitCode, began }) => {
			if (exitCode === 0) return { status: 'healthy', failingStreak: 0 };
			if (status === 'starting' && began < end) return { status, failingStreak };
			const streak = failingStreak + 1;
			return { status: streak >= retries ? 'unhealthy' : status, failingStreak: streak };
		},
		{ status: 'starting', failingStreak: 0 },
	);
}
