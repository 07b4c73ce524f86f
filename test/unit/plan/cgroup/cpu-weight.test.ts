import { describe, expect, it } from 'vitest';
import { cpuWeight } from '../../../../src/plan/cgroup/cpu-weight.ts';

describe('cpuWeight', () => {
	// The values that runc 1.3.2 and crun 1.23 write.
	it.each([
		[1, 1],
		[2, 1],
		[256, 35],
		[512, 59],
		[1024, 100],
		[2000, 170],
		[2048, 174],
		[262_144, 10_000],
		[1_000_000, 10_000],
	])('converts %i shares', (shares, weight) => {
		expect(cpuWeight(shares)).toBe(weight);
	});

	it('never falls, and stays within the range of the kernel', () => {
		let last = 0;
		for (let shares = 2; shares <= 262_144; shares += 37) {
			const weight = cpuWeight(shares);
			expect(weight >= last && weight >= 1 && weight <= 10_000).toBe(true);
			last = weight;
		}
	});
});
