import { BPF_JUMP_EQUAL, type BpfAssembler, type Label } from './bpf-assembler.ts';
import type { Condition, Range } from './conditions.ts';
import { emitSearch, type Segment } from './emit-search.ts';

interface Outcome {
	readonly yes: Label;
	readonly no: Label;
}

const ALL_BITS = 0xffff_ffff;

/** Emits the test of one argument: 64-bit values in two words, since BPF compares 32 bits (seccomp_data is little endian). */
export function emitCondition(
	program: BpfAssembler,
	condition: Condition,
	outcome: Outcome & { readonly bits: 32 | 64 },
): Label {
	switch (condition.kind) {
		case 'within':
			return outcome.bits === 64
				? emitWithin(program, condition, outcome)
				: emitWordWithin(program, lowOffset(condition.index), { words: condition.ranges.map(lowWords), ...outcome });
		case 'masked':
			return emitMasked(program, condition, outcome);
	}
}

function lowOffset(index: number): number {
	return 16 + 8 * index;
}

function highOffset(index: number): number {
	return lowOffset(index) + 4;
}

function emitMasked(
	program: BpfAssembler,
	{ index, mask, value }: Extract<Condition, { kind: 'masked' }>,
	{ yes, no }: Outcome,
): Label {
	if ((value & ~mask) !== 0n) return no;
	const low = emitMaskedWord(program, lowOffset(index), { mask: lowWord(mask), value: lowWord(value), yes, no });
	return emitMaskedWord(program, highOffset(index), { mask: highWord(mask), value: highWord(value), yes: low, no });
}

function emitMaskedWord(
	program: BpfAssembler,
	offset: number,
	{ mask, value, yes, no }: Outcome & { readonly mask: number; readonly value: number },
): Label {
	if (mask === 0) return yes;
	const compare = program.jump(BPF_JUMP_EQUAL, value, { yes, no });
	return program.load(offset, mask === ALL_BITS ? compare : program.and(mask, compare));
}

interface Words {
	readonly from: number;
	readonly to: number;
}

/** Finds the high word first; where a range begins or ends inside one high word, the low word decides. */
function emitWithin(
	program: BpfAssembler,
	{ index, ranges }: Extract<Condition, { kind: 'within' }>,
	{ yes, no }: Outcome,
): Label {
	const partial = new Map<number, Words[]>();
	const whole: Words[] = [];
	const add = (high: number, words: Words): void => {
		partial.set(high, [...(partial.get(high) ?? []), words]);
	};
	for (const { from, to } of ranges) {
		const [first, last] = [highWord(from), highWord(to)];
		if (first === last) {
			add(first, { from: lowWord(from), to: lowWord(to) });
			continue;
		}
		add(first, { from: lowWord(from), to: ALL_BITS });
		if (last - first > 1) whole.push({ from: first + 1, to: last - 1 });
		add(last, { from: 0, to: lowWord(to) });
	}
	const parts = [
		...whole.map(words => ({ words, target: yes })),
		...[...partial].map(([high, words]) => ({
			words: { from: high, to: high },
			target: emitWordWithin(program, lowOffset(index), { words, yes, no }),
		})),
	].sort((a, b) => a.words.from - b.words.from);
	return emitWord(program, highOffset(index), { parts, no });
}

function emitWordWithin(
	program: BpfAssembler,
	offset: number,
	{ words, yes, no }: Outcome & { readonly words: readonly Words[] },
): Label {
	return emitWord(program, offset, { parts: words.map(part => ({ words: part, target: yes })), no });
}

/** Loads a word and goes to the target of the part that holds it; parts are ascending and disjoint. */
function emitWord(
	program: BpfAssembler,
	offset: number,
	{ parts, no }: { readonly parts: readonly { readonly words: Words; readonly target: Label }[]; readonly no: Label },
): Label {
	const segments: Segment[] = [{ start: 0, target: no }];
	for (const { words, target } of parts) {
		if (segments.at(-1)?.start === words.from) segments.pop();
		segments.push({ start: words.from, target });
		if (words.to !== ALL_BITS) segments.push({ start: words.to + 1, target: no });
	}
	const first = segments[0] as Segment;
	if (segments.every(({ target }) => target === first.target)) return first.target;
	return program.load(offset, emitSearch(program, segments));
}

function lowWords({ from, to }: Range): Words {
	return { from: lowWord(from), to: lowWord(to) };
}

function lowWord(value: bigint): number {
	return Number(value & 0xffff_ffffn);
}

function highWord(value: bigint): number {
	return Number(value >> 32n);
}
