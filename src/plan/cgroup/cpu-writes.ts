import type { Resources } from '../../oci/runtime-spec.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';
import { cpuWeight } from './cpu-weight.ts';

type Cpu = NonNullable<Resources['cpu']>;

const POINTER = '/linux/resources/cpu';
/** Of both versions, in microseconds. */
const DEFAULT_PERIOD = 100_000;

/** CPU time (config-linux.md, "CPU"; scheduler/sched-bwc.rst): 0 is unset. The sets of CPUs are another controller's. */
export function cpuWrites(cpu: Cpu, version: CgroupVersion): readonly CgroupWrite[] {
	const bandwidth = version === 1 ? bandwidthV1(cpu) : bandwidthV2(cpu);
	return [...shareWrites(cpu, version), ...bandwidth, ...burstWrites(cpu, version), ...idleWrites(cpu)];
}

function shareWrites({ shares = 0, idle }: Cpu, version: CgroupVersion): readonly CgroupWrite[] {
	// The kernel takes no weight from a cgroup that is idle.
	if (shares === 0 || idle === 1) return [];
	const from = `${POINTER}/shares`;
	const value = cgroupNumber(shares, from);
	if (version === 1)
		return [{ file: 'cpu.shares', value, from, why: `${value} shares of the CPU, where 1024 is usual` }];
	const weight = String(cpuWeight(shares));
	return [
		{ file: 'cpu.weight', value: weight, from, why: `weight ${weight}, where 100 is usual, for ${value} shares` },
	];
}

function bandwidthV1({ quota = 0, period = 0 }: Cpu): readonly CgroupWrite[] {
	const writes: CgroupWrite[] = [];
	if (period !== 0) {
		const from = `${POINTER}/period`;
		writes.push({
			file: 'cpu.cfs_period_us',
			value: cgroupNumber(period, from),
			from,
			why: `count CPU time in periods of ${period} µs`,
		});
	}
	if (quota !== 0) {
		const from = `${POINTER}/quota`;
		writes.push({
			file: 'cpu.cfs_quota_us',
			value: cgroupNumber(quota, from),
			from,
			why: describeQuota(quota, period),
		});
	}
	return writes;
}

function bandwidthV2({ quota = 0, period = 0 }: Cpu): readonly CgroupWrite[] {
	if (quota === 0 && period === 0) return [];
	const from = quota === 0 ? `${POINTER}/period` : `${POINTER}/quota`;
	const value = `${quota > 0 ? cgroupNumber(quota, from) : 'max'} ${cgroupNumber(period || DEFAULT_PERIOD, from)}`;
	return [{ file: 'cpu.max', value, from, why: describeQuota(quota, period) }];
}

function burstWrites({ burst }: Cpu, version: CgroupVersion): readonly CgroupWrite[] {
	if (burst === undefined) return [];
	const from = `${POINTER}/burst`;
	const file = version === 1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst';
	return [{ file, value: cgroupNumber(burst, from), from, why: `save up to ${burst} µs of unused time` }];
}

function idleWrites({ idle }: Cpu): readonly CgroupWrite[] {
	if (idle === undefined) return [];
	const from = `${POINTER}/idle`;
	return [{ file: 'cpu.idle', value: cgroupNumber(idle, from), from, why: 'run only when the CPU is idle, or not' }];
}

function describeQuota(quota: number, period: number): string {
	if (quota <= 0) return 'no limit of CPU time';
	return `limit CPU time to ${Number((quota / (period || DEFAULT_PERIOD)).toFixed(3))} CPUs`;
}
