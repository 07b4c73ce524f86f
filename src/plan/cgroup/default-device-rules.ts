import type { DeviceRule } from '../../oci/runtime-spec.ts';

const character = (major: number, minor: number): DeviceRule => ({
	allow: true,
	type: 'c',
	major,
	minor,
	access: 'rwm',
});

/**
 * What the specification wants in every container (config-linux.md, "Default Devices"), nodes without a use of them, and
 * /dev/net/tun, as in runc: VPNs make that node themselves.
 */
const DEFAULTS: readonly DeviceRule[] = [
	{ allow: true, type: 'c', major: -1, minor: -1, access: 'm' },
	{ allow: true, type: 'b', major: -1, minor: -1, access: 'm' },
	character(1, 3),
	character(1, 5),
	character(1, 7),
	character(1, 8),
	character(1, 9),
	character(5, 0),
	character(5, 2),
	character(136, -1),
	character(10, 200),
];

/**
 * The rules of a container: deny everything where the configuration says nothing, its own rules, and the default devices,
 * which a runtime has to supply whatever the list says.
 */
export function deviceRules(asked: readonly DeviceRule[] | undefined): readonly DeviceRule[] {
	const own = asked === undefined || asked.length === 0 ? [{ allow: false }] : asked;
	if (allowsEverything(own)) return own;
	const sinceDenied = own.slice(own.findLastIndex(rule => !rule.allow) + 1);
	const known = new Set(sinceDenied.map(keyOf));
	return [...own, ...DEFAULTS.filter(rule => !known.has(keyOf(rule)))];
}

/** True where the last word is that every device is allowed (`--privileged`). */
export function allowsEverything(rules: readonly DeviceRule[]): boolean {
	const since = rules.slice(rules.findLastIndex(rule => !rule.allow) + 1);
	return since.some(
		({ type = 'a', major = -1, minor = -1, access = '' }) =>
			type === 'a' &&
			major === -1 &&
			minor === -1 &&
			(access === '' || [...'rwm'].every(letter => access.includes(letter))),
	);
}

/** The same for rules that say the same. */
function keyOf({ type = 'a', major = -1, minor = -1, access = '' }: DeviceRule): string {
	const letters = access === '' || access === 'rwm' ? 'mrw' : [...access].sort().join('');
	return `${type} ${major}:${minor} ${letters}`;
}
