import { TsrunError } from '../../core/errors.ts';

/**
 * An integer of config.json as the kernel reads it: decimal, never `1e+21`.
 * @throws TsrunError TSRUN_BAD_RESOURCE
 */
export function cgroupNumber(value: number, from: string): string {
	if (!Number.isInteger(value)) {
		throw new TsrunError('TSRUN_BAD_RESOURCE', `${from} is ${value}, which is not a whole number`);
	}
	return BigInt(value).toString();
}

/** As {@link cgroupNumber}; cgroup2 writes "unlimited", -1 of config.json, as `max`. */
export function cgroupLimit(value: number, from: string): string {
	return value === -1 ? 'max' : cgroupNumber(value, from);
}
