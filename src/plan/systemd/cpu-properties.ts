import type { Resources } from '../../oci/runtime-spec.ts';
import { bitSet } from './bit-set.ts';
import { amount, INFINITY, type UnitProperty } from './unit-property.ts';

/** The first versions of systemd with each. */
const QUOTA_PERIOD = 242;
const CPUSET = 244;
export const CPU_IDLE = 252;

const SECOND = 1_000_000;
/** systemd counts in hundredths of a CPU: 10 ms of each second. */
const GRAIN = 10_000;
const DEFAULT_PERIOD = 100_000;

/**
 * CPU time by quota and period: systemd keeps a rate, rounded up to one hundredth of a CPU.
 * @param quota in µs; 0: not told; below 0: without limit
 */
export function quotaProperties(quota: number, period: number, version: number): readonly UnitProperty[] {
	if (quota === 0 && period === 0) return [];
	const rate = Math.ceil((quota * SECOND) / (period || DEFAULT_PERIOD) / GRAIN) * GRAIN;
	return [
		...(period !== 0 && version >= QUOTA_PERIOD ? [amount('CPUQuotaPeriodUSec', BigInt(period))] : []),
		amount('CPUQuotaPerSecUSec', quota > 0 ? BigInt(rate) : INFINITY),
	];
}

/** Which CPUs and memory nodes; a list that is none has been refused before. */
export function cpusetProperties(
	{ cpus = '', mems = '' }: Pick<NonNullable<Resources['cpu']>, 'cpus' | 'mems'>,
	version: number,
): readonly UnitProperty[] {
	if (version < CPUSET) return [];
	return [['AllowedCPUs', bitSet(cpus)] as const, ['AllowedMemoryNodes', bitSet(mems)] as const].flatMap(
		([name, value]): readonly UnitProperty[] => (value === undefined ? [] : [[name, { signature: 'ay', value }]]),
	);
}
