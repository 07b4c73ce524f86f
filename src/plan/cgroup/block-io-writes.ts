import type { Resources, ThrottleDevice, WeightDevice } from '../../oci/runtime-spec.ts';
import type { CgroupFacts } from '../host-facts.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';
import { v1Only } from './v1-only.ts';

type BlockIO = NonNullable<Resources['blockIO']>;

const POINTER = '/linux/resources/blockIO';
const THROTTLES = [
	{ field: 'throttleReadBpsDevice', v1: 'blkio.throttle.read_bps_device', v2: 'rbps', why: 'bytes read' },
	{ field: 'throttleWriteBpsDevice', v1: 'blkio.throttle.write_bps_device', v2: 'wbps', why: 'bytes written' },
	{ field: 'throttleReadIOPSDevice', v1: 'blkio.throttle.read_iops_device', v2: 'riops', why: 'reads' },
	{ field: 'throttleWriteIOPSDevice', v1: 'blkio.throttle.write_iops_device', v2: 'wiops', why: 'writes' },
] as const;

/** Block I/O (config-linux.md, "Block IO"): weights of 10–1000, and limits for each device. 0 is unset. */
export function blockIOWrites(blockIO: BlockIO, version: CgroupVersion, facts: CgroupFacts): readonly CgroupWrite[] {
	const weights = version === 1 ? weightsV1(blockIO, facts) : weightsV2(blockIO, facts);
	return [...weights, ...throttles(blockIO, version)];
}

function weightsV1(
	{ weight = 0, leafWeight = 0, weightDevice = [] }: BlockIO,
	facts: CgroupFacts,
): readonly CgroupWrite[] {
	const blkio = facts.hierarchies.find(hierarchy => hierarchy.controllers.includes('blkio'));
	const file = blkio?.weightFile ?? 'blkio.bfq.weight';
	const writes: CgroupWrite[] = [];
	if (weight !== 0) writes.push(weightWrite(file, cgroupNumber(weight, `${POINTER}/weight`)));
	if (leafWeight !== 0) {
		const from = `${POINTER}/leafWeight`;
		writes.push({
			file: 'blkio.leaf_weight',
			value: cgroupNumber(leafWeight, from),
			from,
			why: `I/O weight ${leafWeight} against child cgroups`,
		});
	}
	const deviceFile = file === 'blkio.weight' ? 'blkio.weight_device' : 'blkio.bfq.weight_device';
	return [...writes, ...deviceWeights(weightDevice, deviceFile, String), ...deviceLeafWeights(weightDevice)];
}

function weightsV2(
	{ weight = 0, leafWeight = 0, weightDevice = [] }: BlockIO,
	facts: CgroupFacts,
): readonly CgroupWrite[] {
	if (leafWeight !== 0) throw v1Only(`${POINTER}/leafWeight`);
	const [leaf] = deviceLeafWeights(weightDevice);
	if (leaf !== undefined) throw v1Only(leaf.from);
	const file = facts.unified?.ioWeightFile ?? 'io.bfq.weight';
	const convert = file === 'io.weight' ? ioWeight : String;
	return [...(weight === 0 ? [] : [weightWrite(file, convert(weight))]), ...deviceWeights(weightDevice, file, convert)];
}

function weightWrite(file: string, value: string): CgroupWrite {
	return { file, value, from: `${POINTER}/weight`, why: `I/O weight ${value}` };
}

function deviceWeights(
	devices: readonly WeightDevice[],
	file: string,
	convert: (weight: number) => string,
): readonly CgroupWrite[] {
	return devices.flatMap(({ major, minor, weight = 0 }, index) => {
		if (weight === 0) return [];
		const from = `${POINTER}/weightDevice/${index}`;
		return [
			{ file, value: `${major}:${minor} ${convert(weight)}`, from, why: `I/O weight of device ${major}:${minor}` },
		];
	});
}

function deviceLeafWeights(devices: readonly WeightDevice[]): readonly CgroupWrite[] {
	return devices.flatMap(({ major, minor, leafWeight = 0 }, index) => {
		if (leafWeight === 0) return [];
		const from = `${POINTER}/weightDevice/${index}/leafWeight`;
		const why = `I/O weight of device ${major}:${minor} against child cgroups`;
		return [{ file: 'blkio.leaf_weight_device', value: `${major}:${minor} ${leafWeight}`, from, why }];
	});
}

/** 10–1000 of BFQ onto 1–10000 of io.weight, as runc and crun convert. */
function ioWeight(weight: number): string {
	return String(Math.max(1, 1 + Math.trunc(((weight - 10) * 9999) / 990)));
}

function throttles(blockIO: BlockIO, version: CgroupVersion): readonly CgroupWrite[] {
	return THROTTLES.flatMap(({ field, v1, v2, why }) =>
		(blockIO[field] ?? []).map(({ major, minor, rate }: ThrottleDevice, index) => {
			const from = `${POINTER}/${field}/${index}`;
			const number = cgroupNumber(rate, from);
			return {
				file: version === 1 ? v1 : 'io.max',
				value: version === 1 ? `${major}:${minor} ${number}` : `${major}:${minor} ${v2}=${rate === 0 ? 'max' : number}`,
				from,
				why: `limit ${why} per second of device ${major}:${minor}`,
			};
		}),
	);
}
