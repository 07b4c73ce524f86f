import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../oci/memory-policy.ts';
import { IOPRIO_CLASSES, SCHED_FLAGS, SCHED_POLICIES } from '../oci/scheduling.ts';
import { type FlagTable, flagNames } from './flag-names.ts';

type Numbers = Readonly<Record<string, number>>;
const nameOf = (numbers: Numbers, value: number): string =>
	Object.keys(numbers).find(name => numbers[name] === value) ?? String(value);
const tableOf = (numbers: Numbers): FlagTable => Object.entries(numbers);

/** Fields of struct sched_attr that say something only when they are set, with their places (sched_setattr(2)). */
const SCHED_FIELDS = [
	['runtime', 24],
	['deadline', 32],
	['period', 40],
] as const;

/** `{SCHED_BATCH, nice 19}`. */
export function schedulerText(attr: Uint8Array): string {
	const view = new DataView(attr.buffer, attr.byteOffset, attr.byteLength);
	const flags = view.getBigUint64(8, true);
	const words = [
		nameOf(SCHED_POLICIES, view.getUint32(4, true)),
		...(flags === 0n ? [] : [flagNames(flags, tableOf(SCHED_FLAGS))]),
		...[['nice', view.getInt32(16, true)] as const, ['priority', view.getUint32(20, true)] as const]
			.filter(([, value]) => value !== 0)
			.map(([name, value]) => `${name} ${value}`),
		...SCHED_FIELDS.map(([name, at]) => [name, view.getBigUint64(at, true)] as const)
			.filter(([, value]) => value !== 0n)
			.map(([name, value]) => `${name} ${value} ns`),
	];
	return `{${words.join(', ')}}`;
}

/** The numbers whose bits are set: `0-3,7`; `none`; `all` where no bit of a mask is missing. */
export function maskText(mask: Uint8Array): string {
	if (mask.length > 0 && mask.every(byte => byte === 0xff)) return 'all';
	const numbers = [...mask].flatMap((byte, at) =>
		[0, 1, 2, 3, 4, 5, 6, 7].filter(bit => (byte >> bit) & 1).map(bit => 8 * at + bit),
	);
	const isStart = (number: number): boolean => !numbers.includes(number - 1);
	const ranges = numbers.filter(isStart).map(first => {
		let last = first;
		while (numbers.includes(last + 1)) last++;
		return first === last ? `${first}` : `${first}-${last}`;
	});
	return ranges.length === 0 ? 'none' : ranges.join(',');
}

/** `IOPRIO_CLASS_BE|4` (ioprio_set(2)). */
export function ioPriorityText(ioprio: bigint): string {
	return `${nameOf(IOPRIO_CLASSES, Number(ioprio >> 13n))}|${ioprio & 0x1fffn}`;
}

/** `MPOL_BIND|MPOL_F_STATIC_NODES` (set_mempolicy(2)). */
export function memoryPolicyText(mode: bigint): string {
	const flags = mode & ~0x1fffn;
	const name = nameOf(MEMORY_POLICY_MODES, Number(mode & 0x1fffn));
	return flags === 0n ? name : `${name}|${flagNames(flags, tableOf(MEMORY_POLICY_FLAGS))}`;
}
