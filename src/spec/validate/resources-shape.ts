import type { Resources } from '../../oci/runtime-spec.ts';
import { flag, integer, list, mapOf, object, oneOf, optional, required, type Shape, text } from './shape.ts';

const uint64 = integer(0, 2 ** 64);
const number = integer(-(2 ** 63), 2 ** 63);
/** Bytes, or -1 for no limit. */
const limit = optional(integer(-1, 2 ** 63));
const UNSET_SWAPPINESS = -1;
const uint32 = integer(0, 2 ** 32 - 1);
/** Device numbers are 12 and 20 bits (makedev(3)). */
const major = integer(0, 0xfff);
const minor = integer(0, 0xf_ffff);
const weight = optional(integer(0, 1000));
const THROTTLES = optional(list(object({ major: required(major), minor: required(minor), rate: required(uint64) })));

/** docker writes "not set" as -1 in 64 bits without a sign. */
const swappiness = optional<number>((value, pointer) =>
	value === 2 ** 64 ? UNSET_SWAPPINESS : integer(-1, 100)(value, pointer),
);

const MEMORY = object({
	limit,
	reservation: limit,
	swap: limit,
	kernel: limit,
	kernelTCP: limit,
	swappiness,
	disableOOMKiller: optional(flag),
	useHierarchy: optional(flag),
	checkBeforeUpdate: optional(flag),
});

const CPU = object({
	shares: optional(uint64),
	quota: optional(number),
	period: optional(uint64),
	burst: optional(uint64),
	realtimeRuntime: optional(number),
	realtimePeriod: optional(uint64),
	cpus: optional(text),
	mems: optional(text),
	idle: optional(integer(0, 1)),
});

const BLOCK_IO = object({
	weight,
	leafWeight: weight,
	throttleReadBpsDevice: THROTTLES,
	throttleWriteBpsDevice: THROTTLES,
	throttleReadIOPSDevice: THROTTLES,
	throttleWriteIOPSDevice: THROTTLES,
	weightDevice: optional(list(object({ major: required(major), minor: required(minor), weight, leafWeight: weight }))),
});

const NETWORK = object({
	classID: optional(uint32),
	priorities: optional(list(object({ name: required(text), priority: required(uint32) }))),
});

/** config-linux.md, "Control groups". */
export const RESOURCES_SHAPE: Shape<Resources> = object({
	devices: optional(
		list(
			object({
				allow: required(flag),
				type: optional(oneOf(['a', 'c', 'b'])),
				major: optional(integer(-1, 0xfff)),
				minor: optional(integer(-1, 0xf_ffff)),
				access: optional(text),
			}),
		),
	),
	memory: optional(MEMORY),
	cpu: optional(CPU),
	pids: optional(object({ limit: required(number) })),
	blockIO: optional(BLOCK_IO),
	hugepageLimits: optional(list(object({ pageSize: required(text), limit: required(uint64) }))),
	network: optional(NETWORK),
	rdma: optional(mapOf(object({ hcaHandles: optional(uint32), hcaObjects: optional(uint32) }))),
	unified: optional(mapOf(text)),
});
