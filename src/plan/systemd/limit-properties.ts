import type { Resources } from '../../oci/runtime-spec.ts';
import { cpuWeight } from '../cgroup/cpu-weight.ts';
import { CPU_IDLE, cpusetProperties, quotaProperties } from './cpu-properties.ts';
import { unifiedProperties } from './unified-properties.ts';
import { amount, type UnitProperty } from './unit-property.ts';

export interface LimitHost {
	/** Whether systemd keeps the limits in cgroup v1. */
	readonly isLegacy: boolean;
	/** Of systemd. */
	readonly version: number;
}

/**
 * What systemd must know of `linux.resources`, lest it undo the limits when it is loaded again; the names are those of
 * systemd.resource-control(5), the conversions runc's. Control files that systemd has no name for are written beside it.
 */
export function limitProperties(resources: Resources, { isLegacy, version }: LimitHost): readonly UnitProperty[] {
	const { cpu = {}, memory = {}, pids, blockIO = {}, unified = {} } = resources;
	const properties = [
		...(isLegacy ? memoryV1(memory) : memoryV2(memory)),
		...(isLegacy ? sharesV1(cpu) : weightV2(cpu, version)),
		...quotaProperties(cpu.quota ?? 0, cpu.period ?? 0, version),
		...cpusetProperties(cpu, version),
		...(pids === undefined || pids.limit === 0 ? [] : [amount('TasksMax', unsigned(Math.max(pids.limit, -1)))]),
		...(isLegacy && blockIO.weight ? [amount('BlockIOWeight', BigInt(blockIO.weight))] : []),
		...(isLegacy ? [] : unifiedProperties(unified, version)),
	];
	return lastOfEach(properties);
}

type Memory = NonNullable<Resources['memory']>;
type Cpu = NonNullable<Resources['cpu']>;

const memoryV1 = ({ limit = 0 }: Memory): readonly UnitProperty[] =>
	limit === 0 ? [] : [amount('MemoryLimit', unsigned(limit))];

function memoryV2({ limit = 0, reservation = 0, swap = 0 }: Memory): readonly UnitProperty[] {
	const onlySwap = swap > 0 && limit > 0 ? swap - limit : swap === 0 && limit === -1 ? -1 : swap;
	return [
		...(limit === 0 ? [] : [amount('MemoryMax', unsigned(limit))]),
		...(reservation === 0 ? [] : [amount('MemoryLow', unsigned(reservation))]),
		...(swap === 0 && onlySwap === 0 ? [] : [amount('MemorySwapMax', unsigned(onlySwap))]),
	];
}

const sharesV1 = ({ shares = 0 }: Cpu): readonly UnitProperty[] =>
	shares === 0 ? [] : [amount('CPUShares', BigInt(shares))];

/** A weight of 0 is how systemd is told of cpu.idle, which has no weight. */
function weightV2({ shares = 0, idle }: Cpu, version: number): readonly UnitProperty[] {
	if (idle === 1 && version >= CPU_IDLE) return [amount('CPUWeight', 0n)];
	return shares === 0 ? [] : [amount('CPUWeight', BigInt(cpuWeight(shares)))];
}

/** -1, without limit, is systemd's infinity. */
const unsigned = (value: number): bigint => BigInt.asUintN(64, BigInt(value));

/** `unified` comes last and has the last word. */
function lastOfEach(properties: readonly UnitProperty[]): readonly UnitProperty[] {
	return [...new Map(properties.map(property => [property[0], property])).values()];
}
