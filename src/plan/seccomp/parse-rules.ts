import { TsrunError } from '../../core/errors.ts';
import type { SeccompRule } from '../../oci/runtime-spec.ts';
import { returnValue } from './actions.ts';
import { type ParsedArg, parseArg } from './conditions.ts';

export interface ParsedRule {
	readonly names: readonly string[];
	/** The value that the filter returns. */
	readonly action: number;
	/** The rule holds when all arguments of one alternative hold; no alternatives: always. */
	readonly alternatives: readonly (readonly ParsedArg[])[];
}

/**
 * Checks the rules of a profile; `pointer` is the profile's JSON pointer.
 * @throws TsrunError TSRUN_BAD_SECCOMP
 */
export function parseRules(rules: readonly SeccompRule[], pointer: string): readonly ParsedRule[] {
	return rules.map((rule, index) => parseRule(rule, `${pointer}/syscalls/${index}`));
}

function parseRule({ names, action, errnoRet, args = [] }: SeccompRule, pointer: string): ParsedRule {
	const empty = names.indexOf('');
	if (empty >= 0) {
		throw new TsrunError('TSRUN_BAD_SECCOMP', `system call name at ${pointer}/names/${empty} is empty`);
	}
	return {
		names,
		action: returnValue({
			action,
			errnoRet,
			actionPointer: `${pointer}/action`,
			errnoPointer: `${pointer}/errnoRet`,
		}),
		alternatives: alternativesOf(args.map((arg, index) => parseArg(arg, `${pointer}/args/${index}`))),
	};
}

/**
 * Arguments of one rule hold together. Two conditions on the same argument turn all of them into rules of their own: runc and
 * crun read a profile so, and profiles are written for it (opencontainers/runc issue 2735).
 */
function alternativesOf(args: readonly ParsedArg[]): readonly (readonly ParsedArg[])[] {
	if (args.length === 0) return [];
	const indexes = new Set(args.map(({ index }) => index));
	return indexes.size === args.length ? [args] : args.map(arg => [arg]);
}
