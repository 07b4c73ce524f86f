import type { ParsedRule } from './parse-rules.ts';

/**
 * What a profile says of one name: the value to return, or the rules with arguments to try in order. An empty list: the
 * profile names the call and leaves it to the default.
 */
export type Policy = number | readonly ParsedRule[];

const DEFAULT: Policy = [];

/**
 * Each name of a profile and its policy. Precedence is libseccomp's: the first rule without arguments decides, wherever it
 * stands. Rules that return the default add nothing, as in runc.
 */
export function policiesOf(rules: readonly ParsedRule[], defaultAction: number): ReadonlyMap<string, Policy> {
	const policies = new Map<string, Policy>();
	for (const rule of rules) {
		const isDefault = rule.action === defaultAction;
		const isAlways = rule.alternatives.length === 0;
		const alone = isDefault ? DEFAULT : isAlways ? rule.action : [rule];
		for (const name of rule.names) {
			const known = policies.get(name);
			if (known === undefined || known === DEFAULT) policies.set(name, alone);
			else if (typeof known !== 'number' && !isDefault) policies.set(name, isAlways ? rule.action : [...known, rule]);
		}
	}
	return policies;
}
