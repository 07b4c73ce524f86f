import { describe, expect, it } from 'vitest';
import { judgeHealth } from '../../../src/spec/judge-health.ts';

/** One probe a second, by its exit codes. */
const judge = (codes: readonly number[], retries = 3, startPeriodMs = 0) =>
	Object.values(
		judgeHealth(
			codes.map((exitCode, second) => ({ exitCode, began: BigInt(second + 1) * 1_000_000_000n, ended: 0n })),
			{ retries, startPeriodMs },
			0n,
		),
	);

describe('judgeHealth', () => {
	it.each<readonly [readonly number[], string, number]>([
		[[], 'starting', 0],
		[[1, 1], 'starting', 2],
		[[1, 1, 1], 'unhealthy', 3],
		[[1, 1, 0], 'healthy', 0],
		[[0, 1, 1], 'healthy', 2],
		[[0, 1, -1, 127], 'unhealthy', 3],
		[[1, 1, 1, 0], 'healthy', 0],
		[[1, 1, 1, 0, 1], 'healthy', 1],
	])('%j is %s, with a streak of %i', (codes, status, streak) => expect(judge(codes)).toEqual([status, streak]));

	it('counts no failure of the start period before a success', () => {
		expect(judge([1, 1, 1, 1], 2, 3500)).toEqual(['starting', 1]);
		expect(judge([1, 1, 1, 1, 1], 2, 3500)).toEqual(['unhealthy', 2]);
		expect(judge([0, 1, 1], 2, 3500)).toEqual(['unhealthy', 2]);
	});
});
