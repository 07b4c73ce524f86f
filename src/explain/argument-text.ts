import { PERSONALITIES } from '../oci/personality.ts';
import { RLIMITS } from '../plan/linux-constants.ts';
import type { ArgKind, OpName } from '../plan/op-table.ts';
import { capabilityNames } from './capability-names.ts';
import {
	AT_NAMES,
	CLONE_NAMES,
	CLOSE_RANGE_NAMES,
	type FlagTable,
	flagNames,
	MNT_NAMES,
	MOUNT_ATTR_NAMES,
	MS_NAMES,
	O_NAMES,
	PR_NAMES,
	RESOLVE_NAMES,
	SECCOMP_NAMES,
} from './flag-names.ts';
import { quoted } from './printable.ts';
import { ioPriorityText, maskText, memoryPolicyText, schedulerText } from './scheduling-text.ts';

export type Argument = number | bigint | string | Uint8Array | readonly string[];

const LONGEST_DATA = 120;
const INSTRUCTION_BYTES = 8;
const UNLIMITED = 0xffff_ffff_ffff_ffffn;

type Decoder = (value: Argument) => string;
const numeric =
	(show: (value: bigint) => string): Decoder =>
	value =>
		show(BigInt.asUintN(64, BigInt(value as number | bigint)));
const flags = (names: FlagTable): Decoder => numeric(value => flagNames(value, names));
const octal = numeric(value => `0${value.toString(8)}`);
const limit = numeric(value => (value === UNLIMITED ? 'unlimited' : String(value)));
const capabilities = numeric(capabilityNames);
const bytes =
	(show: (value: Uint8Array) => string): Decoder =>
	value =>
		show(value as Uint8Array);
/** ioprio_set(2). */
const IOPRIO_WHO: readonly (string | undefined)[] = [
	undefined,
	'IOPRIO_WHO_PROCESS',
	'IOPRIO_WHO_PGRP',
	'IOPRIO_WHO_USER',
];
const instructions: Decoder = value => `<${Math.ceil((value as Uint8Array).length / INSTRUCTION_BYTES)} instructions>`;

/** Arguments whose numbers have names, by `operation.argument`. */
const DECODERS: Readonly<Partial<Record<`${OpName}.${string}`, Decoder>>> = {
	'mkdir.mode': octal,
	'mkdirInRoot.mode': octal,
	'createInRoot.mode': octal,
	'mknodInRoot.mode': octal,
	'mknodInRoot.device': numeric(deviceText),
	'umask.mask': octal,
	'clone.flags': flags(CLONE_NAMES),
	'clone3.flags': flags(CLONE_NAMES),
	'unshare.flags': flags(CLONE_NAMES),
	'setns.type': flags(CLONE_NAMES),
	'mount.flags': flags(MS_NAMES),
	'mountInRoot.flags': flags(MS_NAMES),
	'mountInRoot.resolve': flags(RESOLVE_NAMES),
	'tmpfsInRoot.flags': flags(MS_NAMES),
	'sendMapped.treeFlags': flags(AT_NAMES),
	'sendMapped.atFlags': flags(AT_NAMES),
	'mountSetattr.set': flags(MOUNT_ATTR_NAMES),
	'mountSetattr.clear': flags(MOUNT_ATTR_NAMES),
	'mountSetattr.propagation': flags(MS_NAMES),
	'mountSetattr.atFlags': flags(AT_NAMES),
	'umount.flags': flags(MNT_NAMES),
	'standardStream.flags': flags(O_NAMES),
	'rlimit.resource': numeric(
		value => Object.keys(RLIMITS).find(name => RLIMITS[name] === Number(value)) ?? String(value),
	),
	'rlimit.soft': limit,
	'rlimit.hard': limit,
	'prctl.option': numeric(value => PR_NAMES[String(value)] ?? String(value)),
	'dropBounding.keep': capabilities,
	'capset.effective': capabilities,
	'capset.permitted': capabilities,
	'capset.inheritable': capabilities,
	'raiseAmbient.set': capabilities,
	'seccomp.flags': flags(SECCOMP_NAMES),
	'closeRange.flags': flags(CLOSE_RANGE_NAMES),
	'seccomp.filter': instructions,
	'seccompNotify.filter': instructions,
	'seccompNotify.flags': flags(SECCOMP_NAMES),
	'attachDeviceProgram.program': instructions,
	'schedSetattr.attr': bytes(schedulerText),
	'schedSetaffinity.cpus': bytes(maskText),
	'ioprioSet.which': numeric(value => IOPRIO_WHO[Number(value)] ?? String(value)),
	'ioprioSet.ioprio': numeric(ioPriorityText),
	'personality.persona': numeric(
		value =>
			Object.keys(PERSONALITIES).find(name => PERSONALITIES[name] === Number(value)) ?? `0x${value.toString(16)}`,
	),
	'setMempolicy.mode': numeric(memoryPolicyText),
	'setMempolicy.nodes': bytes(maskText),
	'setgroups.groups': value => `[${groupList(value as Uint8Array).join(', ')}]`,
};

/** One argument of a step as people read it: flags by name, modes in octal, strings in quotes, long bytes by their length. */
export function argumentText(
	op: OpName,
	name: string,
	{ kind, value }: { readonly kind: ArgKind; readonly value: Argument },
): string {
	const decode = DECODERS[`${op}.${name}`];
	if (decode !== undefined && (kind !== 'bytes' || typeof value !== 'string')) return decode(value);
	if (kind === 'strs') return `[${(value as readonly string[]).map(quoted).join(', ')}]`;
	if (kind === 'bytes') return typeof value === 'string' ? dataText(value) : bytesText(value as Uint8Array);
	return typeof value === 'string' ? quoted(value) : String(value);
}

/** What a step writes is mostly text. */
function dataText(text: string): string {
	return text.length <= LONGEST_DATA ? quoted(text) : `${quoted(text.slice(0, LONGEST_DATA))}…`;
}

function bytesText(bytes: Uint8Array): string {
	const isText = bytes.length <= LONGEST_DATA && bytes.every(byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
	return isText ? quoted(String.fromCharCode(...bytes)) : `<${bytes.length} bytes>`;
}

function groupList(bytes: Uint8Array): readonly number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => view.getUint32(index * 4, true));
}

/** makedev(3), taken apart. */
function deviceText(device: bigint): string {
	const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
	const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
	return `${major}:${minor}`;
}
