import type { DeviceRule } from '../../oci/runtime-spec.ts';
import { type Access, type NormalRule, normalRules } from './normal-rules.ts';

/** Instructions of eBPF (linux/bpf.h, Documentation/bpf/standardization): what the program is made of. */
const LOAD_WORD = 0x61;
const MOV64_IMMEDIATE = 0xb7;
const MOV32 = 0xbc;
const AND32_IMMEDIATE = 0x54;
const SHIFT_RIGHT32_IMMEDIATE = 0x74;
const JUMP_ALWAYS = 0x05;
const JUMP_NOT_EQUAL = 0x55;
const JUMP_ANY_BIT = 0x45;
const EXIT = 0x95;

const RESULT = 0;
const CONTEXT = 1;
const TYPE = 2;
/** The kinds of access that are asked for and not yet allowed. */
const WANTED = 3;
const MAJOR = 4;
const MINOR = 5;

/** BPF_DEVCG_DEV_* and BPF_DEVCG_ACC_* (linux/bpf.h). */
const TYPE_NUMBER = { b: 1, c: 2 } as const;
const ACCESS_BIT: Readonly<Record<Access, number>> = { m: 1, r: 2, w: 4 };
const ALL_ACCESS = 7;
const INSTRUCTION_BYTES = 8;

interface Instruction {
	readonly code: number;
	readonly destination?: number;
	readonly source?: number;
	/** For a load: of the field. For a jump: how many instructions are skipped. */
	readonly offset?: number;
	readonly immediate?: number;
}

/**
 * The program of type BPF_PROG_TYPE_CGROUP_DEVICE that a cgroup2 asks at each open and mknod of a device: `struct bpf_insn[]`,
 * little endian. For each kind of access the last rule that matches decides; what no rule says is denied, or allowed after
 * one that allows everything. The request is granted when all of its kinds are.
 * @throws TsrunError TSRUN_BAD_DEVICE_RULE
 */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array {
	const { allowOthers, rules: normal } = normalRules(rules);
	return encode([...LOAD_REQUEST, ...normal.toReversed().flatMap(ruleBlock), ...finish(allowOthers)]);
}

/** struct bpf_cgroup_dev_ctx: access_type (access in the high half, type in the low one), major, minor. */
const LOAD_REQUEST: readonly Instruction[] = [
	{ code: LOAD_WORD, destination: WANTED, source: CONTEXT, offset: 0 },
	{ code: LOAD_WORD, destination: MAJOR, source: CONTEXT, offset: 4 },
	{ code: LOAD_WORD, destination: MINOR, source: CONTEXT, offset: 8 },
	{ code: MOV32, destination: TYPE, source: WANTED },
	{ code: AND32_IMMEDIATE, destination: TYPE, immediate: 0xffff },
	{ code: SHIFT_RIGHT32_IMMEDIATE, destination: WANTED, immediate: 16 },
];

function ruleBlock({ allow, type, major, minor, access }: NormalRule): readonly Instruction[] {
	const mask = [...access].reduce((bits, letter) => bits | ACCESS_BIT[letter], 0);
	const verdict = allow ? allowBlock(mask) : denyBlock(mask);
	const tests = [
		{ register: TYPE, value: TYPE_NUMBER[type] },
		...(major === undefined ? [] : [{ register: MAJOR, value: major }]),
		...(minor === undefined ? [] : [{ register: MINOR, value: minor }]),
	];
	return [
		...tests.map(({ register, value }, index) => ({
			code: JUMP_NOT_EQUAL,
			destination: register,
			immediate: value,
			offset: tests.length - 1 - index + verdict.length,
		})),
		...verdict,
	];
}

function allowBlock(mask: number): readonly Instruction[] {
	if (mask === ALL_ACCESS) return finish(true);
	return [
		{ code: AND32_IMMEDIATE, destination: WANTED, immediate: ALL_ACCESS & ~mask },
		{ code: JUMP_NOT_EQUAL, destination: WANTED, immediate: 0, offset: 2 },
		...finish(true),
	];
}

function denyBlock(mask: number): readonly Instruction[] {
	if (mask === ALL_ACCESS) return finish(false);
	return [
		{ code: JUMP_ANY_BIT, destination: WANTED, immediate: mask, offset: 1 },
		{ code: JUMP_ALWAYS, offset: 2 },
		...finish(false),
	];
}

function finish(allow: boolean): readonly Instruction[] {
	return [{ code: MOV64_IMMEDIATE, destination: RESULT, immediate: allow ? 1 : 0 }, { code: EXIT }];
}

function encode(instructions: readonly Instruction[]): Uint8Array {
	const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
	const view = new DataView(bytes.buffer);
	instructions.forEach(({ code, destination = 0, source = 0, offset = 0, immediate = 0 }, index) => {
		const at = index * INSTRUCTION_BYTES;
		view.setUint8(at, code);
		view.setUint8(at + 1, destination | (source << 4));
		view.setInt16(at + 2, offset, true);
		view.setInt32(at + 4, immediate, true);
	});
	return bytes;
}
