import { CPU_IDLE, cpusetProperties, quotaProperties } from './cpu-properties.ts';
import { amount, INFINITY, type UnitProperty } from './unit-property.ts';

const AMOUNTS: Readonly<Record<string, string>> = {
	'memory.high': 'MemoryHigh',
	'memory.low': 'MemoryLow',
	'memory.max': 'MemoryMax',
	'memory.min': 'MemoryMin',
	'memory.swap.max': 'MemorySwapMax',
	'pids.max': 'TasksMax',
};

/**
 * The control files of `linux.resources.unified` that systemd has a property for. What is no value of such a file is left to the
 * kernel, which refuses it when it is written.
 */
export function unifiedProperties(unified: Readonly<Record<string, string>>, version: number): readonly UnitProperty[] {
	const isIdle = unified['cpu.idle']?.trim() === '1' && version >= CPU_IDLE;
	return Object.entries(unified).flatMap(([file, given]): readonly UnitProperty[] => {
		const value = given.trim();
		const name = AMOUNTS[file];
		if (name !== undefined) {
			const number = value === 'max' ? INFINITY : whole(value);
			return number === undefined ? [] : [amount(name, number)];
		}
		switch (file) {
			case 'cpu.idle':
				return isIdle ? [amount('CPUWeight', 0n)] : [];
			case 'cpu.weight': {
				const weight = whole(value);
				return isIdle || weight === undefined ? [] : [amount('CPUWeight', weight)];
			}
			case 'cpu.max':
				return bandwidth(value, version);
			case 'cpuset.cpus':
				return cpusetProperties({ cpus: value }, version);
			case 'cpuset.mems':
				return cpusetProperties({ mems: value }, version);
			default:
				return [];
		}
	});
}

/** `quota [period]`, in µs. */
function bandwidth(value: string, version: number): readonly UnitProperty[] {
	const [, quota, period] = /^(max|\d{1,15})(?:\s+(\d{1,15}))?$/.exec(value) ?? [];
	if (quota === undefined) return [];
	return quotaProperties(quota === 'max' ? -1 : Number(quota), Number(period ?? 0), version);
}

const whole = (value: string): bigint | undefined => (/^\d{1,19}$/.test(value) ? BigInt(value) : undefined);
