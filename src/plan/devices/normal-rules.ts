import { TsrunError } from '../../core/errors.ts';
import type { DeviceRule } from '../../oci/runtime-spec.ts';

export type Access = 'r' | 'w' | 'm';

/** A rule of one kind of device; `undefined` is every number. */
export interface NormalRule {
	readonly allow: boolean;
	readonly type: 'c' | 'b';
	readonly major: number | undefined;
	readonly minor: number | undefined;
	/** At least one. */
	readonly access: ReadonlySet<Access>;
	/** Where the rule is in config.json, for errors. */
	readonly pointer: string;
}

/** What holds where no rule matches, and the rules after that was said. The last matching rule decides for each kind of access. */
export type NormalRules = { readonly allowOthers: boolean; readonly rules: readonly NormalRule[] };

const RULES = '/linux/resources/devices';
const ALL: ReadonlySet<Access> = new Set(['r', 'w', 'm']);
/** Bits of dev_t in the kernel (linux/kdev_t.h). */
const LARGEST_MAJOR = 2 ** 12 - 1;
const LARGEST_MINOR = 2 ** 20 - 1;

/**
 * The rules from the last one on that says what holds for all devices; without one, what no rule allows is denied, as in
 * runc. A rule of type `a` with a number or with part of the access is one for `c` and one for `b`.
 * @throws TsrunError TSRUN_BAD_DEVICE_RULE
 */
export function normalRules(rules: readonly DeviceRule[]): NormalRules {
	let allowOthers = false;
	let normal: NormalRule[] = [];
	rules.forEach((rule, index) => {
		const pointer = `${RULES}/${index}`;
		const { type = 'a' } = rule;
		const shape = {
			allow: rule.allow,
			major: numberOf(rule.major, LARGEST_MAJOR, `${pointer}/major`),
			minor: numberOf(rule.minor, LARGEST_MINOR, `${pointer}/minor`),
			access: accessOf(rule.access, `${pointer}/access`),
			pointer,
		};
		if (type === 'a' && shape.major === undefined && shape.minor === undefined && shape.access.size === 3) {
			allowOthers = rule.allow;
			normal = [];
			return;
		}
		if (!['a', 'b', 'c'].includes(type)) {
			throw badRule(`device type ${JSON.stringify(type)} at ${pointer}/type is unknown`, 'expected a, b or c');
		}
		for (const each of type === 'a' ? (['c', 'b'] as const) : [type]) normal.push({ ...shape, type: each });
	});
	return { allowOthers, rules: normal };
}

function numberOf(number: number | undefined, largest: number, pointer: string): number | undefined {
	if (number === undefined || number === -1) return undefined;
	if (!Number.isInteger(number) || number < 0 || number > largest) {
		throw badRule(`device number ${number} at ${pointer} is out of range`, `expected 0 to ${largest}, or -1 for all`);
	}
	return number;
}

function accessOf(access: string | undefined, pointer: string): ReadonlySet<Access> {
	if (access === undefined || access === '' || access === 'rwm') return ALL;
	if (!/^(?=.*[rwm])[rwma]+$/.test(access)) {
		throw badRule(`device access ${JSON.stringify(access)} at ${pointer} is unknown`, 'expected some of r, w and m');
	}
	return new Set([...access].filter(letter => letter !== 'a') as Access[]);
}

function badRule(message: string, hint: string): TsrunError {
	return new TsrunError('TSRUN_BAD_DEVICE_RULE', message, { hint });
}
