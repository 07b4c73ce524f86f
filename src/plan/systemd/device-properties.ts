import type { DeviceRule } from '../../oci/runtime-spec.ts';
import { deviceRules } from '../cgroup/default-device-rules.ts';
import { normalRules } from '../devices/normal-rules.ts';
import { text, type UnitProperty } from './unit-property.ts';

/** The first version that reads a device's numbers from its path, and `char-136` as a major number. */
const BY_NUMBER = 240;

type Entry = readonly [path: string, access: string];

/**
 * Which devices systemd lets the container use. It keeps a list of what is allowed and no exceptions from it; on cgroup v2 its
 * word and that of the container's own program must both allow. So what it cannot say is allowed here, and decided by the own
 * rules alone, which are there in any case.
 */
export function deviceProperties(asked: readonly DeviceRule[] | undefined, version: number): readonly UnitProperty[] {
	const entries = allowed(asked, version);
	return [
		text('DevicePolicy', entries === undefined ? 'auto' : 'strict'),
		// An empty list takes back what was there before, so it comes first.
		['DeviceAllow', { signature: 'a(ss)', value: [] }],
		...(entries === undefined || entries.length === 0 ? [] : [allow(entries)]),
	];
}

const allow = (entries: readonly Entry[]): UnitProperty => ['DeviceAllow', { signature: 'a(ss)', value: entries }];

function allowed(asked: readonly DeviceRule[] | undefined, version: number): readonly Entry[] | undefined {
	const { allowOthers, rules } = normalRules(deviceRules(asked));
	if (allowOthers || version < BY_NUMBER || rules.some(rule => !rule.allow)) return undefined;
	const entries = new Map<string, string>();
	for (const { type, major, minor, access } of rules) {
		if (major === undefined && minor !== undefined) return undefined;
		const kind = type === 'c' ? 'char' : 'block';
		const path = minor !== undefined ? `/dev/${kind}/${major}:${minor}` : `${kind}-${major ?? '*'}`;
		const known = entries.get(path) ?? '';
		entries.set(path, [...'rwm'].filter(letter => known.includes(letter) || access.has(letter as 'r')).join(''));
	}
	return [...entries];
}
