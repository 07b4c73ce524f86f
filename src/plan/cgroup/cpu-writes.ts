import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { ERRNO } from '../linux-constants.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';
import { cpuWeight, SHARES } from './cpu-weight.ts';
import { v1Only } from './v1-only.ts';

type Cpu = NonNullable<Resources['cpu']>;

const POINTER = '/linux/resources/cpu';
/** Of both versions, in microseconds. */
const DEFAULT_PERIOD = 100_000;

/**
 * CPU time (config-linux.md, "CPU"; scheduler/sched-bwc.rst, sched-rt-group.rst): 0 is unset. The sets of CPUs are another
 * controller's.
 * @throws TsrunError TSRUN_BAD_RESOURCE, TSRUN_CGROUP_V1_ONLY
 */
export function cpuWrites(cpu: Cpu, version: CgroupVersion): readonly CgroupWrite[] {
	const bandwidth = version === 1 ? bandwidthV1(cpu) : bandwidthV2(cpu);
	return [
		...idleWrites(cpu),
		...shareWrites(cpu, version),
		...bandwidth,
		...burstWrites(cpu, version),
		...realtimeWrites(cpu, version),
	];
}

function shareWrites({ shares = 0, idle }: Cpu, version: CgroupVersion): readonly CgroupWrite[] {
	// The kernel takes no weight from a cgroup that is idle.
	if (shares === 0 || idle === 1) return [];
	const from = `${POINTER}/shares`;
	const value = cgroupNumber(shares, from);
	if (version === 1) {
		refuseClamped(shares, from);
		return [{ file: 'cpu.shares', value, from, why: `${value} shares of the CPU, where 1024 is usual` }];
	}
	const weight = String(cpuWeight(shares));
	return [
		{ file: 'cpu.weight', value: weight, from, why: `weight ${weight}, where 100 is usual, for ${value} shares` },
	];
}

/** The kernel takes what is out of range as the nearest that is in it, and says nothing. */
function refuseClamped(shares: number, from: string): void {
	const [end, bound] = shares < SHARES.min ? ['minimum', SHARES.min] : ['maximum', SHARES.max];
	if (shares >= SHARES.min && shares <= SHARES.max) return;
	throw new TsrunError('TSRUN_BAD_RESOURCE', `${from} is ${shares}: the ${end} allowed cpu-shares is ${bound}`);
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
	const why = `save up to ${burst} µs of unused time`;
	const value = cgroupNumber(burst, from);
	if (version === 2) return [{ file: 'cpu.max.burst', value, from, why }];
	return [{ file: 'cpu.cfs_burst_us', value, from, why, tolerate: [ERRNO.ENOENT] }];
}

function idleWrites({ idle }: Cpu): readonly CgroupWrite[] {
	if (idle === undefined) return [];
	const from = `${POINTER}/idle`;
	return [{ file: 'cpu.idle', value: cgroupNumber(idle, from), from, why: 'run only when the CPU is idle, or not' }];
}

/** A new cgroup has no real-time budget, so any period fits; then the budget must fit into what the cgroups above have. */
function realtimeWrites(
	{ realtimePeriod = 0, realtimeRuntime = 0 }: Cpu,
	version: CgroupVersion,
): readonly CgroupWrite[] {
	const asked = [
		['realtimePeriod', realtimePeriod, 'cpu.rt_period_us', 'count real-time scheduling in periods of'],
		['realtimeRuntime', realtimeRuntime, 'cpu.rt_runtime_us', 'real-time scheduling in each period of at most'],
	] as const;
	return asked.flatMap(([field, number, file, what]) => {
		if (number === 0) return [];
		const from = `${POINTER}/${field}`;
		if (version === 2) throw v1Only(from);
		return [{ file, value: cgroupNumber(number, from), from, why: `${what} ${number} µs` }];
	});
}

function describeQuota(quota: number, period: number): string {
	if (quota <= 0) return 'no limit of CPU time';
	return `limit CPU time to ${Number((quota / (period || DEFAULT_PERIOD)).toFixed(3))} CPUs`;
}
