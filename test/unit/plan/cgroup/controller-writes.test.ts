import { describe, expect, it } from 'vitest';
import type { Resources } from '../../../../src/oci/runtime-spec.ts';
import { controllerWrites } from '../../../../src/plan/cgroup/controller-writes.ts';
import type { HostFacts } from '../../../../src/plan/host-facts.ts';
import { HYBRID, hierarchy, LEGACY, UNIFIED, withCgroup } from './hosts.ts';

function written(resources: Resources, facts: HostFacts): readonly string[] {
	return controllerWrites({ ociVersion: '1.2.0', linux: { resources } }, facts).map(
		({ mountpoint, file, value, tolerate }) =>
			`${mountpoint.replace('/sys/fs/cgroup', '')}/${file} = ${value}${tolerate === undefined ? '' : ` unless ${tolerate}`}`,
	);
}

const MIB = 1024 ** 2;

describe('controllerWrites: one field, both versions', () => {
	it.each<[Resources, readonly string[], readonly string[]]>([
		[{ memory: { limit: 64 * MIB } }, ['/memory.max = 67108864'], ['/memory/memory.limit_in_bytes = 67108864']],
		[
			{ memory: { limit: 64 * MIB, swap: 128 * MIB } },
			['/memory.swap.max = 67108864 unless 2', '/memory.max = 67108864'],
			['/memory/memory.limit_in_bytes = 67108864', '/memory/memory.memsw.limit_in_bytes = 134217728 unless 2'],
		],
		[
			{ memory: { limit: 64 * MIB, swap: 64 * MIB } },
			['/memory.swap.max = 0 unless 2', '/memory.max = 67108864'],
			['/memory/memory.limit_in_bytes = 67108864', '/memory/memory.memsw.limit_in_bytes = 67108864 unless 2'],
		],
		[
			{ memory: { limit: 64 * MIB, swap: -1 } },
			['/memory.swap.max = max unless 2', '/memory.max = 67108864'],
			['/memory/memory.limit_in_bytes = 67108864', '/memory/memory.memsw.limit_in_bytes = -1 unless 2'],
		],
		[
			{ memory: { limit: -1 } },
			['/memory.swap.max = max unless 2', '/memory.max = max'],
			['/memory/memory.limit_in_bytes = -1'],
		],
		[
			{ memory: { reservation: 32 * MIB } },
			['/memory.low = 33554432'],
			['/memory/memory.soft_limit_in_bytes = 33554432'],
		],
		[{ memory: { limit: 0, swap: 0, reservation: 0, disableOOMKiller: false } }, [], []],
		[{ cpu: { shares: 2048 } }, ['/cpu.weight = 174'], ['/cpu,cpuacct/cpu.shares = 2048']],
		[
			{ cpu: { quota: 50_000, period: 100_000 } },
			['/cpu.max = 50000 100000'],
			['/cpu,cpuacct/cpu.cfs_period_us = 100000', '/cpu,cpuacct/cpu.cfs_quota_us = 50000'],
		],
		[{ cpu: { quota: 25_000 } }, ['/cpu.max = 25000 100000'], ['/cpu,cpuacct/cpu.cfs_quota_us = 25000']],
		[{ cpu: { quota: -1 } }, ['/cpu.max = max 100000'], ['/cpu,cpuacct/cpu.cfs_quota_us = -1']],
		[{ cpu: { period: 50_000 } }, ['/cpu.max = max 50000'], ['/cpu,cpuacct/cpu.cfs_period_us = 50000']],
		[
			{ cpu: { quota: 50_000, burst: 20_000 } },
			['/cpu.max = 50000 100000', '/cpu.max.burst = 20000'],
			['/cpu,cpuacct/cpu.cfs_quota_us = 50000', '/cpu,cpuacct/cpu.cfs_burst_us = 20000 unless 2'],
		],
		[
			{ cpu: { idle: 0, shares: 512 } },
			['/cpu.idle = 0', '/cpu.weight = 59'],
			['/cpu,cpuacct/cpu.idle = 0', '/cpu,cpuacct/cpu.shares = 512'],
		],
		[{ cpu: { idle: 1, shares: 2 } }, ['/cpu.idle = 1'], ['/cpu,cpuacct/cpu.idle = 1']],
		[
			{ cpu: { cpus: '0,2-3', mems: '0' } },
			['/cpuset.cpus = 0,2-3', '/cpuset.mems = 0'],
			['/cpuset/cpuset.cpus = 0,2-3', '/cpuset/cpuset.mems = 0'],
		],
		[{ pids: { limit: 100 } }, ['/pids.max = 100'], ['/pids/pids.max = 100']],
		[{ pids: { limit: -1 } }, ['/pids.max = max'], ['/pids/pids.max = max']],
		[{ pids: { limit: 0 } }, [], []],
		[{ memory: { swappiness: -1, kernel: MIB, kernelTCP: MIB, useHierarchy: true, checkBeforeUpdate: true } }, [], []],
		[{ network: { classID: 0, priorities: [] }, rdma: { mlx5_0: {} } }, [], []],
		[{ blockIO: { weight: 500 } }, ['/io.weight = 4950'], ['/blkio/blkio.bfq.weight = 500']],
		[
			{ blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } },
			['/io.weight = 8:0 1'],
			['/blkio/blkio.bfq.weight_device = 8:0 10'],
		],
		[
			{
				blockIO: {
					throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }],
					throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 7 }],
				},
			},
			['/io.max = 8:0 rbps=1024', '/io.max = 8:16 wiops=7'],
			['/blkio/blkio.throttle.read_bps_device = 8:0 1024', '/blkio/blkio.throttle.write_iops_device = 8:16 7'],
		],
	])('%j', (resources, unified, legacy) => {
		expect(written(resources, UNIFIED)).toEqual(unified);
		expect(written(resources, LEGACY)).toEqual(legacy);
	});
});

describe('controllerWrites', () => {
	it('writes nothing where nothing is asked', () => {
		expect(controllerWrites({ ociVersion: '1.2.0' }, UNIFIED)).toEqual([]);
	});

	it('uses whichever side of a hybrid host has the controller', () => {
		expect(written({ memory: { limit: MIB }, hugepageLimits: [{ pageSize: '2MB', limit: 4 * MIB }] }, HYBRID)).toEqual([
			'/memory/memory.limit_in_bytes = 1048576',
			'/unified/hugetlb.2MB.max = 4194304',
			'/unified/hugetlb.2MB.rsvd.max = 4194304 unless 2',
		]);
	});

	it('writes the unified map last, so that it has the last word', () => {
		const resources = {
			memory: { limit: MIB },
			unified: { 'memory.max': '2097152', 'cgroup.freeze': '0', 'memory.pressure': 'x' },
		};
		expect(written(resources, UNIFIED)).toEqual([
			'/memory.max = 1048576',
			'/memory.max = 2097152',
			'/cgroup.freeze = 0',
			'/memory.pressure = x',
		]);
	});

	it('knows blkio.weight and io.bfq.weight by the facts', () => {
		const bfq = withCgroup(UNIFIED, { unified: { mountpoint: '/sys/fs/cgroup', controllers: ['io'], hasKill: true } });
		expect(written({ blockIO: { weight: 500 } }, bfq)).toEqual(['/io.bfq.weight = 500']);
		const cfq = withCgroup(LEGACY, { hierarchies: [{ ...hierarchy('blkio'), weightFile: 'blkio.weight' }] });
		expect(written({ blockIO: { weight: 500, leafWeight: 10 } }, cfq)).toEqual([
			'/blkio/blkio.weight = 500',
			'/blkio/blkio.leaf_weight = 10',
		]);
	});

	it('limits swap alone where memory has no limit and cgroup2 counts it by itself', () => {
		const resources = { memory: { limit: -1, swap: 32 * MIB } };
		expect(written(resources, UNIFIED)).toEqual(['/memory.swap.max = 33554432 unless 2', '/memory.max = max']);
		expect(() => written(resources, LEGACY)).toThrow(/without a memory limit/);
	});

	it('writes what only v1 has: real-time scheduling, leaf weights, tags and priorities of packets', () => {
		const facts = withCgroup(LEGACY, {
			hierarchies: [hierarchy('cpu'), hierarchy('blkio'), hierarchy('net_cls,net_prio', 'net_cls', 'net_prio')],
		});
		expect(
			written(
				{
					cpu: { realtimeRuntime: 400_000, realtimePeriod: 500_000 },
					blockIO: { leafWeight: 20, weightDevice: [{ major: 8, minor: 0, weight: 30, leafWeight: 40 }] },
					network: { classID: 1_048_577, priorities: [{ name: 'eth0', priority: 500 }] },
				},
				facts,
			),
		).toEqual([
			'/cpu/cpu.rt_period_us = 500000',
			'/cpu/cpu.rt_runtime_us = 400000',
			'/blkio/blkio.leaf_weight = 20',
			'/blkio/blkio.bfq.weight_device = 8:0 30',
			'/blkio/blkio.leaf_weight_device = 8:0 40',
			'/net_cls,net_prio/net_cls.classid = 1048577',
			'/net_cls,net_prio/net_prio.ifpriomap = eth0 500',
		]);
	});

	it('writes RDMA limits in either version', () => {
		const resources = { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 }, mlx4_0: { hcaObjects: 0 } } };
		const facts = [
			withCgroup(UNIFIED, { unified: { mountpoint: '/sys/fs/cgroup', controllers: ['rdma'], hasKill: true } }),
			withCgroup(LEGACY, { hierarchies: [hierarchy('rdma')] }),
		];
		expect(facts.map(each => written(resources, each))).toEqual([
			['/rdma.max = mlx5_1 hca_handle=3 hca_object=10000', '/rdma.max = mlx4_0 hca_object=0'],
			['/rdma/rdma.max = mlx5_1 hca_handle=3 hca_object=10000', '/rdma/rdma.max = mlx4_0 hca_object=0'],
		]);
	});

	it('writes each line of a unified value by itself', () => {
		const unified = { 'io.max': '8:0 rbps=1\n8:16 wbps=2\n', 'memory.low': '' };
		expect(written({ unified }, UNIFIED)).toEqual(['/io.max = 8:0 rbps=1', '/io.max = 8:16 wbps=2', '/memory.low = ']);
	});

	it('refuses shares that a v1 kernel would take for others', () => {
		expect(() => written({ cpu: { shares: 1 } }, LEGACY)).toThrow(/minimum allowed cpu-shares is 2/);
		expect(() => written({ cpu: { shares: 262_145 } }, LEGACY)).toThrow(/maximum allowed cpu-shares is 262144/);
		expect(written({ cpu: { shares: 1 } }, UNIFIED)).toEqual(['/cpu.weight = 1']);
	});

	it('writes swappiness and the OOM switch where v1 has them', () => {
		expect(written({ memory: { swappiness: 0, disableOOMKiller: true } }, LEGACY)).toEqual([
			'/memory/memory.swappiness = 0',
			'/memory/memory.oom_control = 1',
		]);
	});

	it('writes large numbers in decimal', () => {
		expect(written({ memory: { limit: 2 ** 70 } }, UNIFIED)).toEqual(['/memory.max = 1180591620717411303424']);
	});

	it('names the field, the flag and the controller that the host does not offer', () => {
		const bare = withCgroup(UNIFIED, {
			unified: { mountpoint: '/sys/fs/cgroup', controllers: ['cpu', 'pids'], hasKill: true },
		});
		expect(() => written({ memory: { limit: MIB } }, bare)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_CGROUP_CONTROLLER_MISSING',
				message:
					'/linux/resources/memory/limit (--memory) needs the cgroup controller memory, which this host does not offer',
				hint: expect.stringContaining('offers cpu pids'),
			}),
		);
		expect(() => written({ hugepageLimits: [{ pageSize: '2MB', limit: 1 }] }, LEGACY)).toThrow(
			/\/linux\/resources\/hugepageLimits\/0 needs .* hugetlb/,
		);
		expect(() => written({ blockIO: { weight: 10 } }, bare)).toThrow(/controller io,/);
		expect(() => written({ unified: { 'misc.max': '1' } }, UNIFIED)).toThrow(
			/\/linux\/resources\/unified\/misc.max needs .* misc,/,
		);
		expect(() => written({ unified: { 'cgroup.freeze': '1' } }, LEGACY)).toThrow(/cgroup2/);
	});

	it.each<[Resources, string, RegExp]>([
		[
			{ memory: { limit: 64 * MIB, swap: 32 * MIB } },
			'TSRUN_BAD_RESOURCE',
			/swap \(--memory-swap\) is 32 MiB, less than the memory limit of 64 MiB/,
		],
		[{ memory: { swap: 32 * MIB } }, 'TSRUN_BAD_RESOURCE', /without a memory limit/],
		[{ memory: { limit: 1.5 } }, 'TSRUN_BAD_RESOURCE', /not a whole number/],
		[{ memory: { swappiness: 10 } }, 'TSRUN_CGROUP_V1_ONLY', /swappiness/],
		[{ memory: { disableOOMKiller: true } }, 'TSRUN_CGROUP_V1_ONLY', /disableOOMKiller/],
		[{ cpu: { realtimePeriod: 1000 } }, 'TSRUN_CGROUP_V1_ONLY', /realtimePeriod/],
		[{ cpu: { realtimeRuntime: -1 } }, 'TSRUN_CGROUP_V1_ONLY', /realtimeRuntime/],
		[{ blockIO: { leafWeight: 10 } }, 'TSRUN_CGROUP_V1_ONLY', /leafWeight/],
		[
			{ blockIO: { weightDevice: [{ major: 8, minor: 0, leafWeight: 10 }] } },
			'TSRUN_CGROUP_V1_ONLY',
			/weightDevice\/0\/leafWeight/,
		],
		[{ network: { classID: 1 } }, 'TSRUN_CGROUP_CONTROLLER_MISSING', /classID needs .* net_cls/],
		[{ network: { priorities: [{ name: 'a b', priority: 1 }] } }, 'TSRUN_BAD_RESOURCE', /priorities\/0\/name/],
		[{ rdma: { 'x hca_object=1': { hcaHandles: 1 } } }, 'TSRUN_BAD_RESOURCE', /RDMA device/],
		[{ cpu: { cpus: '0-9' } }, 'TSRUN_BAD_CPUSET', /not all there/],
		[{ cpu: { cpus: '0-2147483647' } }, 'TSRUN_BAD_CPUSET', /not a list/],
		[{ cpu: { cpus: '3-1' } }, 'TSRUN_BAD_CPUSET', /not all there/],
		[{ cpu: { mems: '1' } }, 'TSRUN_BAD_CPUSET', /memory nodes "1"/],
		[{ cpu: { cpus: '0\n/etc' } }, 'TSRUN_BAD_CPUSET', /not a list/],
		[{ unified: { '../memory.max': '1' } }, 'TSRUN_BAD_RESOURCE', /control file/],
		[{ unified: { 'a/memory.max': '1' } }, 'TSRUN_BAD_RESOURCE', /control file/],
		[{ unified: { '..': '1' } }, 'TSRUN_BAD_RESOURCE', /control file/],
		[{ unified: { '': '1' } }, 'TSRUN_BAD_RESOURCE', /control file/],
		[{ unified: { 'memory.max\0': '1' } }, 'TSRUN_BAD_RESOURCE', /control file/],
		[{ hugepageLimits: [{ pageSize: '../2MB', limit: 1 }] }, 'TSRUN_BAD_RESOURCE', /page size/],
	])('refuses %j', (resources, code, message) => {
		expect(() => written(resources, UNIFIED)).toThrow(
			expect.objectContaining({ code, message: expect.stringMatching(message) }),
		);
	});
});
