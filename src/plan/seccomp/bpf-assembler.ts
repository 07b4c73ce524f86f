/** Classic BPF as seccomp(2) takes it (linux/bpf_common.h): what the compiler emits, no more. */
export const BPF_LOAD_WORD = 0x20;
export const BPF_JUMP = 0x05;
export const BPF_JUMP_EQUAL = 0x15;
export const BPF_JUMP_GREATER_EQUAL = 0x35;
export const BPF_AND = 0x54;
export const BPF_RETURN = 0x06;

/** An instruction that was emitted, by its distance from the end of the program. */
export type Label = number & { readonly __brand: 'Label' };

export type ConditionalJump = typeof BPF_JUMP_EQUAL | typeof BPF_JUMP_GREATER_EQUAL;

/** A conditional jump reaches 255 instructions (`struct sock_filter`, jt and jf). */
const REACH = 255;
const INSTRUCTION_BYTES = 8;

interface Instruction {
	readonly code: number;
	readonly jt: number;
	readonly jf: number;
	readonly k: number;
}

/**
 * Builds a program from its last instruction to its first. BPF jumps forward only, so each target is known when its jump is
 * emitted, and a target out of reach gets a stepping stone in front of it.
 */
export interface BpfAssembler {
	/** Ends the filter with a SECCOMP_RET_* value. */
	ret(value: number): Label;
	/** Loads the word of `struct seccomp_data` at this offset, then goes on at `next`. */
	load(offset: number, next: Label): Label;
	/** Masks the loaded word, then goes on at `next`. */
	and(mask: number, next: Label): Label;
	/** Compares the loaded word with `k`, unsigned. */
	jump(code: ConditionalJump, k: number, targets: { readonly yes: Label; readonly no: Label }): Label;
	readonly length: number;
	/** The program: `struct sock_filter[]`, little endian. */
	bytes(): Uint8Array;
}

export function bpfAssembler(): BpfAssembler {
	const reversed: Instruction[] = [];
	const returns = new Map<number, Label>();

	const emit = (code: number, k: number, jt = 0, jf = 0): Label => {
		reversed.push({ code, jt, jf, k: k >>> 0 });
		return (reversed.length - 1) as Label;
	};
	/** How many instructions a jump that is emitted next skips to come to `target`. */
	const distance = (target: Label): number => reversed.length - target - 1;
	const stepTo = (target: Label): Label => {
		const instruction = reversed[target] as Instruction;
		return instruction.code === BPF_RETURN ? ret(instruction.k) : emit(BPF_JUMP, distance(target));
	};
	const within = (target: Label, reach: number): Label => (distance(target) <= reach ? target : stepTo(target));

	const ret = (value: number): Label => {
		const known = returns.get(value);
		if (known !== undefined && distance(known) < REACH) return known;
		const label = emit(BPF_RETURN, value);
		returns.set(value, label);
		return label;
	};
	const fallInto = (target: Label): void => {
		if (distance(target) === 0) return;
		emit(BPF_JUMP, distance(target));
	};

	return {
		ret,
		load: (offset, next) => {
			fallInto(next);
			return emit(BPF_LOAD_WORD, offset);
		},
		and: (mask, next) => {
			fallInto(next);
			return emit(BPF_AND, mask);
		},
		jump: (code, k, { yes, no }) => {
			// the stone for `no` may move `yes` one further away
			const near = within(yes, REACH - 1);
			const other = within(no, REACH);
			return emit(code, k, distance(near), distance(other));
		},
		get length() {
			return reversed.length;
		},
		bytes: () => {
			const bytes = new Uint8Array(reversed.length * INSTRUCTION_BYTES);
			const view = new DataView(bytes.buffer);
			reversed.forEach(({ code, jt, jf, k }, index) => {
				const at = (reversed.length - 1 - index) * INSTRUCTION_BYTES;
				view.setUint32(at, code | (jt << 16) | (jf << 24), true);
				view.setUint32(at + 4, k, true);
			});
			return bytes;
		},
	};
}
