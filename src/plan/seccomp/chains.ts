import { type Condition, conditionOf, unionOf } from './conditions.ts';
import type { ParsedRule } from './parse-rules.ts';

/** All conditions hold: the filter returns `action`. */
export interface ConditionalRule {
	readonly action: number;
	readonly conditions: readonly Condition[];
}

/** The first rule that holds decides; where none does, the default. */
export type Chain = readonly ConditionalRule[];

/** The rules with arguments of one system call, on an ABI of this word size. */
export function chainOf(rules: readonly ParsedRule[], bits: 32 | 64): Chain {
	return joined(
		rules.flatMap(({ action, alternatives }) =>
			alternatives.map(args => ({ action, conditions: args.map(arg => conditionOf(arg, bits)) })),
		),
	);
}

/** The chain of a call behind a carrier: its number is the first argument, and conditions on that one are dropped, as in libseccomp. */
export function chainBehind(number: number, chain: Chain): Chain {
	const value = BigInt(number);
	const choice: Condition = { kind: 'within', index: 0, ranges: [{ from: value, to: value }] };
	return chain.map(({ action, conditions }) => ({
		action,
		conditions: [choice, ...conditions.filter(({ index }) => index !== 0)],
	}));
}

/** Neighbours that test the same argument for the same end become one test. */
export function joined(chain: Chain): Chain {
	const rules: ConditionalRule[] = [];
	for (let from = 0; from < chain.length; ) {
		const first = chain[from] as ConditionalRule;
		const index = rangeIndex(first);
		let to = from + 1;
		while (index !== undefined && chain[to]?.action === first.action && rangeIndex(chain[to]) === index) to++;
		rules.push(to === from + 1 ? first : oneRule(chain.slice(from, to), index as number));
		from = to;
	}
	return rules;
}

/** The argument that a rule's only condition wants in some ranges. */
function rangeIndex(rule: ConditionalRule | undefined): number | undefined {
	const only = rule?.conditions.length === 1 ? rule.conditions[0] : undefined;
	return only?.kind === 'within' ? only.index : undefined;
}

function oneRule(rules: Chain, index: number): ConditionalRule {
	const ranges = rules.flatMap(({ conditions }) => (conditions[0]?.kind === 'within' ? conditions[0].ranges : []));
	return {
		action: (rules[0] as ConditionalRule).action,
		conditions: [{ kind: 'within', index, ranges: unionOf(ranges) }],
	};
}
