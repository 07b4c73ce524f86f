import type { Resources, ThrottleDevice, WeightDevice } from '../oci/runtime-spec.ts';

type Memory = NonNullable<Resources['memory']>;
type Cpu = NonNullable<Resources['cpu']>;
type BlockIO = NonNullable<Resources['blockIO']>;

export interface ResourceUpdate {
	/** All that the container has from now on. */
	readonly resources: Resources;
	/** What is to be written: what changes, and what the kernel takes only together with it. */
	readonly written: Resources;
}

const THROTTLES = [
	'throttleReadBpsDevice',
	'throttleWriteBpsDevice',
	'throttleReadIOPSDevice',
	'throttleWriteIOPSDevice',
] as const;

/**
 * A change of `linux.resources` laid over what a container has (runc's `update`). A limit of memory goes with one of memory and
 * swap, a quota with its period, whichever of them changes. Device rules stay as they are, and so does a limit that is 0: docker
 * sends all of them whichever changes.
 */
export function updateResources(current: Resources, { devices: _, ...change }: Resources): ResourceUpdate {
	const { memory: anyMemory, cpu: anyCpu, blockIO: anyBlockIO, ...others } = change;
	const memory = asked(anyMemory, ['limit', 'swap', 'reservation']);
	const cpu = asked(anyCpu, ['shares', 'quota', 'period', 'realtimeRuntime', 'realtimePeriod']);
	const blockIO = asked(anyBlockIO, ['weight', 'leafWeight']);
	const whole = {
		...(memory === undefined ? {} : { memory: mergedMemory(current.memory ?? {}, memory) }),
		...(cpu === undefined ? {} : { cpu: { ...current.cpu, ...cpu } }),
	};
	return {
		resources: {
			...current,
			...others,
			...whole,
			...(blockIO === undefined ? {} : { blockIO: mergedBlockIO(current.blockIO ?? {}, blockIO) }),
			...(change.unified === undefined ? {} : { unified: { ...current.unified, ...change.unified } }),
		},
		written: {
			...others,
			...(memory === undefined ? {} : { memory: writtenMemory(memory, whole.memory ?? {}) }),
			...(cpu === undefined ? {} : { cpu: writtenCpu(cpu, whole.cpu ?? {}) }),
			...(blockIO === undefined ? {} : { blockIO }),
		},
	};
}

/** Without those of the fields that are 0. */
function asked<T extends object>(values: T | undefined, fields: readonly (keyof T)[]): T | undefined {
	if (values === undefined) return undefined;
	const isAsked = ([field, value]: [string, unknown]): boolean => value !== 0 || !fields.includes(field as keyof T);
	return Object.fromEntries(Object.entries(values).filter(isAsked)) as T;
}

/** Memory without a limit is meant to be without one of swap too. */
function mergedMemory(current: Memory, change: Memory): Memory {
	return { ...current, ...change, ...(change.limit === -1 && change.swap === undefined ? { swap: -1 } : {}) };
}

function writtenMemory(change: Memory, { limit, swap }: Memory): Memory {
	if (change.limit === undefined && change.swap === undefined) return change;
	return { ...change, ...(limit === undefined ? {} : { limit }), ...(swap === undefined ? {} : { swap }) };
}

function writtenCpu(change: Cpu, whole: Cpu): Cpu {
	return {
		...change,
		...together(change, whole, ['quota', 'period', 'burst']),
		...together(change, whole, ['realtimeRuntime', 'realtimePeriod']),
	};
}

/** All of these fields, if one of them changes. */
function together(change: Cpu, whole: Cpu, fields: readonly (keyof Cpu)[]): Cpu {
	if (fields.every(field => change[field] === undefined)) return {};
	return Object.fromEntries(fields.flatMap(field => (whole[field] === undefined ? [] : [[field, whole[field]]])));
}

function mergedBlockIO(current: BlockIO, change: BlockIO): BlockIO {
	const throttles = THROTTLES.flatMap(field =>
		change[field] === undefined ? [] : [[field, mergedDevices(current[field] ?? [], change[field])] as const],
	);
	return {
		...current,
		...change,
		...Object.fromEntries(throttles),
		...(change.weightDevice === undefined
			? {}
			: { weightDevice: mergedDevices(current.weightDevice ?? [], change.weightDevice) }),
	};
}

/** One entry a device, the newer over the older. */
function mergedDevices<T extends ThrottleDevice | WeightDevice>(
	current: readonly T[],
	change: readonly T[],
): readonly T[] {
	const devices = new Map<string, T>();
	for (const device of [...current, ...change]) {
		const key = `${device.major}:${device.minor}`;
		devices.set(key, { ...devices.get(key), ...device });
	}
	return [...devices.values()];
}
