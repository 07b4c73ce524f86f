import { expect, it } from 'vitest';
import { specResources } from '../../../src/spec/spec-resources.ts';

const MiB = 1024 ** 2;

it.each([
	[{}, {}],
	[{ memory: 64 * MiB }, { memory: { limit: 64 * MiB, swap: 128 * MiB } }],
	[{ memory: 64 * MiB, memorySwap: 64 * MiB }, { memory: { limit: 64 * MiB, swap: 64 * MiB } }],
	[{ memory: 64 * MiB, memorySwap: -1 }, { memory: { limit: 64 * MiB, swap: -1 } }],
	[{ memoryReservation: 64 * MiB }, { memory: { reservation: 64 * MiB } }],
	[{ memorySwappiness: 0 }, { memory: { swappiness: 0 } }],
	[
		{ memory: 64 * MiB, oomKillDisable: true },
		{ memory: { limit: 64 * MiB, swap: 128 * MiB, disableOOMKiller: true } },
	],
	[{ nanoCpus: 1_500_000_000 }, { cpu: { quota: 150_000, period: 100_000 } }],
	[{ nanoCpus: 10_000_000 }, { cpu: { quota: 1000, period: 100_000 } }],
	[{ cpuQuota: 5000 }, { cpu: { quota: 5000 } }],
	[{ cpuPeriod: 50_000, cpuShares: 2 }, { cpu: { shares: 2, period: 50_000 } }],
	[{ cpusetCpus: '0', cpusetMems: '0' }, { cpu: { cpus: '0', mems: '0' } }],
	[{ pidsLimit: -1 }, { pids: { limit: -1 } }],
	[{ blkioWeight: 10 }, { blockIO: { weight: 10 } }],
])('turns %j into %j', (options, resources) => {
	expect(specResources(options, [])).toEqual({ devices: [], ...resources });
});
