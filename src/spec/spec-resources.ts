import type { DeviceRule, Resources } from '../oci/runtime-spec.ts';
import type { ResourceOptions } from './run-options.ts';

/** Microseconds; the kernel's own default (sched-bwc.rst). */
const DEFAULT_PERIOD = 100_000;

/** The resource flags as the specification has them; a part without a flag is left out. */
export function specResources(options: ResourceOptions, devices: readonly DeviceRule[]): Resources {
	const memory = memoryResources(options);
	const cpu = cpuResources(options);
	return {
		devices,
		...(isEmpty(memory) ? {} : { memory }),
		...(isEmpty(cpu) ? {} : { cpu }),
		...(options.pidsLimit === undefined ? {} : { pids: { limit: options.pidsLimit } }),
		...(options.blkioWeight === undefined ? {} : { blockIO: { weight: options.blkioWeight } }),
	};
}

/** Without --memory-swap the container may swap as much as it has memory, as docker does: together twice the limit. */
function memoryResources(options: ResourceOptions): NonNullable<Resources['memory']> {
	const { memory, memorySwap, memoryReservation, memorySwappiness, oomKillDisable } = options;
	const swap = memorySwap ?? (memory === undefined ? undefined : memory * 2);
	return {
		...(memory === undefined ? {} : { limit: memory }),
		...(memoryReservation === undefined ? {} : { reservation: memoryReservation }),
		...(swap === undefined ? {} : { swap }),
		...(memorySwappiness === undefined ? {} : { swappiness: memorySwappiness }),
		...(oomKillDisable === true ? { disableOOMKiller: true } : {}),
	};
}

function cpuResources(options: ResourceOptions): NonNullable<Resources['cpu']> {
	const { nanoCpus, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems } = options;
	const quota = nanoCpus === undefined ? cpuQuota : Math.floor((nanoCpus * DEFAULT_PERIOD) / 1e9);
	const period = nanoCpus === undefined ? cpuPeriod : DEFAULT_PERIOD;
	return {
		...(cpuShares === undefined ? {} : { shares: cpuShares }),
		...(quota === undefined ? {} : { quota }),
		...(period === undefined ? {} : { period }),
		...(cpusetCpus === undefined ? {} : { cpus: cpusetCpus }),
		...(cpusetMems === undefined ? {} : { mems: cpusetMems }),
	};
}

function isEmpty(part: object): boolean {
	return Object.keys(part).length === 0;
}
