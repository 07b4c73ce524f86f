import { TsrunError } from '../../core/errors.ts';
import type { SeccompArg } from '../../oci/runtime-spec.ts';

/** Inclusive, unsigned. */
export interface Range {
	readonly from: bigint;
	readonly to: bigint;
}

/** What one argument of a system call must be. */
export type Condition =
	| { readonly kind: 'within'; readonly index: number; readonly ranges: readonly Range[] }
	| { readonly kind: 'masked'; readonly index: number; readonly mask: bigint; readonly value: bigint };

export const OPERATORS = [
	'SCMP_CMP_NE',
	'SCMP_CMP_LT',
	'SCMP_CMP_LE',
	'SCMP_CMP_EQ',
	'SCMP_CMP_GE',
	'SCMP_CMP_GT',
	'SCMP_CMP_MASKED_EQ',
] as const;
type Operator = (typeof OPERATORS)[number];

const ARGUMENT_COUNT = 6;
const LARGEST_VALUE = 0xffff_ffff_ffff_ffffn;

/** An argument as the profile has it, with its operator checked. */
export interface ParsedArg {
	readonly index: number;
	readonly op: Operator;
	readonly value: bigint;
	readonly valueTwo: bigint;
}

/**
 * Checks one argument of a rule (config-linux.md, "Seccomp", args); `pointer` is its JSON pointer.
 * @throws TsrunError TSRUN_BAD_SECCOMP
 */
export function parseArg({ index, op, value, valueTwo }: SeccompArg, pointer: string): ParsedArg {
	if (!isOperator(op)) {
		throw new TsrunError('TSRUN_BAD_SECCOMP', `seccomp operator ${JSON.stringify(op)} at ${pointer}/op is unknown`, {
			hint: `known operators: ${OPERATORS.join(', ')}`,
		});
	}
	if (!Number.isInteger(index) || index < 0 || index >= ARGUMENT_COUNT) {
		throw new TsrunError('TSRUN_BAD_SECCOMP', `argument ${index} at ${pointer}/index does not exist`, {
			hint: 'a system call has the arguments 0 to 5',
		});
	}
	return {
		index,
		op,
		value: parseValue(value, `${pointer}/value`),
		valueTwo: parseValue(valueTwo ?? 0, `${pointer}/valueTwo`),
	};
}

function isOperator(op: string): op is Operator {
	return (OPERATORS as readonly string[]).includes(op);
}

function parseValue(value: number | bigint, pointer: string): bigint {
	const whole = typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value) : -1n;
	if (whole < 0n || whole > LARGEST_VALUE) {
		throw new TsrunError('TSRUN_BAD_SECCOMP', `seccomp value ${value} at ${pointer} is out of range`, {
			hint: 'expected an unsigned 64-bit number',
		});
	}
	return whole;
}

/** What the argument must be on an ABI of this word size; a 32-bit ABI compares the low words, as libseccomp does. */
export function conditionOf(arg: ParsedArg, bits: 32 | 64): Condition {
	const max = bits === 64 ? LARGEST_VALUE : 0xffff_ffffn;
	const index = arg.index;
	const value = arg.value & max;
	if (arg.op === 'SCMP_CMP_MASKED_EQ') return { kind: 'masked', index, mask: value, value: arg.valueTwo & max };
	return { kind: 'within', index, ranges: rangesOf(arg.op, value, max) };
}

function rangesOf(op: Exclude<Operator, 'SCMP_CMP_MASKED_EQ'>, value: bigint, max: bigint): readonly Range[] {
	const below = value === 0n ? [] : [{ from: 0n, to: value - 1n }];
	const above = value === max ? [] : [{ from: value + 1n, to: max }];
	switch (op) {
		case 'SCMP_CMP_EQ':
			return [{ from: value, to: value }];
		case 'SCMP_CMP_NE':
			return [...below, ...above];
		case 'SCMP_CMP_LT':
			return below;
		case 'SCMP_CMP_LE':
			return [{ from: 0n, to: value }];
		case 'SCMP_CMP_GT':
			return above;
		case 'SCMP_CMP_GE':
			return [{ from: value, to: max }];
	}
}

/** The same values as ascending, disjoint ranges, none next to another. */
export function unionOf(ranges: readonly Range[]): readonly Range[] {
	const merged: Range[] = [];
	for (const range of ranges.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
		const last = merged.at(-1);
		if (last === undefined || range.from > last.to + 1n) merged.push(range);
		else if (range.to > last.to) merged[merged.length - 1] = { from: last.from, to: range.to };
	}
	return merged;
}
