import { TsrunError } from '../../core/errors.ts';
import type { DeviceRule } from '../../oci/runtime-spec.ts';
import { type Access, type NormalRule, normalRules } from './normal-rules.ts';

/** One write into a devices cgroup (v1). */
export interface DeviceWrite {
	readonly file: 'devices.allow' | 'devices.deny';
	readonly data: string;
}

type Exception = Pick<NormalRule, 'type' | 'major' | 'minor'> & { readonly access: ReadonlySet<Access> };

/**
 * The writes that give a new v1 cgroup these rules (kernel: admin-guide/cgroup-v1/devices.rst). The kernel keeps one default
 * and a set of exceptions from it, without order. So the rules are played through here, and a rule that takes a part out of
 * an exception is refused: the kernel would ignore it. Where the default is to allow, the cgroup has what its parent has.
 * @throws TsrunError TSRUN_BAD_DEVICE_RULE
 */
export function deviceRulesV1(rules: readonly DeviceRule[]): readonly DeviceWrite[] {
	const { allowOthers, rules: normal } = normalRules(rules);
	const exceptions = new Map<string, Exception>();
	for (const rule of normal) {
		if (rule.allow === allowOthers) removeException(exceptions, rule);
		else addException(exceptions, rule);
	}
	const file = allowOthers ? 'devices.deny' : 'devices.allow';
	const writes = [...exceptions.values()].map(exception => ({ file, data: textOf(exception) }) as const);
	return allowOthers ? writes : [{ file: 'devices.deny', data: 'a' }, ...writes];
}

function addException(exceptions: Map<string, Exception>, { type, major, minor, access }: NormalRule): void {
	const key = keyOf({ type, major, minor });
	const known = exceptions.get(key)?.access ?? [];
	exceptions.set(key, { type, major, minor, access: new Set([...known, ...access]) });
}

function removeException(exceptions: Map<string, Exception>, rule: NormalRule): void {
	for (const [key, exception] of exceptions) {
		if (!overlap(exception, rule)) continue;
		const left = [...exception.access].filter(letter => !rule.access.has(letter));
		if (left.length === exception.access.size) continue;
		if (!covers(rule, exception)) throw hole(rule, exception);
		if (left.length === 0) exceptions.delete(key);
		else exceptions.set(key, { ...exception, access: new Set(left) });
	}
}

function overlap(one: Exception, other: Exception): boolean {
	const meet = (a: number | undefined, b: number | undefined): boolean => a === undefined || b === undefined || a === b;
	return one.type === other.type && meet(one.major, other.major) && meet(one.minor, other.minor);
}

/** Every device of `inner` is one of `outer`; both are of one type. */
function covers(outer: Exception, inner: Exception): boolean {
	const holds = (a: number | undefined, b: number | undefined): boolean => a === undefined || a === b;
	return holds(outer.major, inner.major) && holds(outer.minor, inner.minor);
}

function hole(rule: NormalRule, exception: Exception): TsrunError {
	const [verb, before] = rule.allow ? ['allow', 'deny'] : ['deny', 'allow'];
	return new TsrunError(
		'TSRUN_BAD_DEVICE_RULE',
		`device rule at ${rule.pointer} cannot ${verb} part of what an earlier rule ${before === 'deny' ? 'denies' : 'allows'}, ${textOf(exception)}, with cgroup v1`,
		{ hint: `${before} the devices one by one, or use a host with cgroup v2` },
	);
}

function keyOf({ type, major, minor }: Pick<Exception, 'type' | 'major' | 'minor'>): string {
	return `${type} ${major ?? '*'}:${minor ?? '*'}`;
}

function textOf(exception: Exception): string {
	return `${keyOf(exception)} ${(['r', 'w', 'm'] as const).filter(letter => exception.access.has(letter)).join('')}`;
}
