import { describe, expect, it } from 'vitest';
import type { Resources } from '../../../../src/oci/runtime-spec.ts';
import { limitProperties } from '../../../../src/plan/systemd/limit-properties.ts';

const MIB = 2 ** 20;
const INFINITY = 2n ** 64n - 1n;

function properties(resources: Resources, host = { isLegacy: false, version: 252 }): Record<string, unknown> {
	return Object.fromEntries(limitProperties(resources, host).map(([name, { value }]) => [name, value]));
}

describe('limits of cgroup v2', () => {
	it.each<[string, Resources, Record<string, unknown>]>([
		['nothing', {}, {}],
		['memory', { memory: { limit: 64 * MIB } }, { MemoryMax: 67_108_864n }],
		[
			'memory and swap',
			{ memory: { limit: 64 * MIB, swap: 96 * MIB } },
			{ MemoryMax: 67_108_864n, MemorySwapMax: 33_554_432n },
		],
		['no swap at all', { memory: { limit: 5, swap: 5 } }, { MemoryMax: 5n, MemorySwapMax: 0n }],
		['no limit of memory', { memory: { limit: -1 } }, { MemoryMax: INFINITY, MemorySwapMax: INFINITY }],
		['no limit of swap', { memory: { limit: 5, swap: -1 } }, { MemoryMax: 5n, MemorySwapMax: INFINITY }],
		['a reservation', { memory: { reservation: MIB } }, { MemoryLow: 1_048_576n }],
		['shares', { cpu: { shares: 1024 } }, { CPUWeight: 100n }],
		['idle, which has no weight', { cpu: { shares: 1024, idle: 1 } }, { CPUWeight: 0n }],
		[
			'half a CPU',
			{ cpu: { quota: 50_000, period: 100_000 } },
			{ CPUQuotaPeriodUSec: 100_000n, CPUQuotaPerSecUSec: 500_000n },
		],
		['a quota alone', { cpu: { quota: 5000 } }, { CPUQuotaPerSecUSec: 50_000n }],
		['a part of a hundredth, rounded up', { cpu: { quota: 1234 } }, { CPUQuotaPerSecUSec: 20_000n }],
		['no quota', { cpu: { quota: -1 } }, { CPUQuotaPerSecUSec: INFINITY }],
		[
			'CPUs',
			{ cpu: { cpus: '0,2', mems: '0' } },
			{ AllowedCPUs: Uint8Array.of(5), AllowedMemoryNodes: Uint8Array.of(1) },
		],
		['tasks', { pids: { limit: 20 } }, { TasksMax: 20n }],
		['no limit of tasks', { pids: { limit: -1 } }, { TasksMax: INFINITY }],
		['tasks unset', { pids: { limit: 0 } }, {}],
		['a block I/O weight, which systemd counts otherwise', { blockIO: { weight: 500 } }, {}],
		[
			'unified, with the last word',
			{
				pids: { limit: 20 },
				unified: { 'pids.max': '99', 'memory.high': 'max', 'cpu.max': 'max 50000', 'io.max': '8:0 rbps=1' },
			},
			{ TasksMax: 99n, MemoryHigh: INFINITY, CPUQuotaPeriodUSec: 50_000n, CPUQuotaPerSecUSec: INFINITY },
		],
	])('%s', (_, resources, expected) => {
		expect(properties(resources)).toEqual(expected);
	});

	it('leave out what an older systemd does not know', () => {
		const cpu = { quota: 50_000, period: 100_000, cpus: '0', idle: 1, shares: 1024 };
		expect(properties({ cpu }, { isLegacy: false, version: 241 })).toEqual({
			CPUQuotaPerSecUSec: 500_000n,
			CPUWeight: 100n,
		});
	});
});

describe('limits of cgroup v1', () => {
	it('have the older names, and nothing of unified', () => {
		const resources: Resources = {
			memory: { limit: 64 * MIB, swap: 96 * MIB, reservation: MIB },
			cpu: { shares: 512, quota: 50_000, cpus: '0' },
			pids: { limit: 5 },
			blockIO: { weight: 500 },
			unified: { 'memory.high': '1' },
		};
		expect(properties(resources, { isLegacy: true, version: 252 })).toEqual({
			MemoryLimit: 67_108_864n,
			CPUShares: 512n,
			CPUQuotaPerSecUSec: 500_000n,
			AllowedCPUs: Uint8Array.of(1),
			TasksMax: 5n,
			BlockIOWeight: 500n,
		});
	});
});
