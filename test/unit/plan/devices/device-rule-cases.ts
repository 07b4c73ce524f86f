import type { DeviceRule } from '../../../../src/oci/runtime-spec.ts';
import type { DeviceRequest } from './ebpf-interpreter.ts';

/** docker's rules: nothing, then any node, then the usual devices. */
export const DEFAULT_RULES: readonly DeviceRule[] = [
	{ allow: false, access: 'rwm' },
	{ allow: true, type: 'c', major: -1, minor: -1, access: 'm' },
	{ allow: true, type: 'b', major: -1, minor: -1, access: 'm' },
	{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
	{ allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
	{ allow: true, type: 'c', major: 136, access: 'rwm' },
];

const ACCESS_BIT: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** What the rules say, kind by kind of access: the last rule that matches, and no where none does. */
export function isAllowed(rules: readonly DeviceRule[], request: DeviceRequest): boolean {
	return Object.entries(ACCESS_BIT)
		.filter(([, bit]) => (request.access & bit) !== 0)
		.every(([letter]) => rules.findLast(rule => matches(rule, request, letter))?.allow ?? false);
}

function matches(rule: DeviceRule, { type, major, minor }: DeviceRequest, letter: string): boolean {
	const number = (wanted: number | undefined, given: number): boolean => (wanted ?? -1) === -1 || wanted === given;
	return (
		[type, 'a'].includes(rule.type ?? 'a') &&
		number(rule.major, major) &&
		number(rule.minor, minor) &&
		(rule.access || 'rwm').includes(letter)
	);
}

/** Small numbers from a fixed seed (xorshift), so that a failure can be run again. */
export function generator(seed: number): (below: number) => number {
	let state = seed;
	return below => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}

/** Lists of rules in which many overlap. */
export function randomRules(random: (below: number) => number): readonly DeviceRule[] {
	const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
	return Array.from({ length: random(8) }, () => ({
		allow: random(2) === 0,
		...pick([{}, { type: 'a' }, { type: 'b' }, { type: 'c' }, { type: 'c' }] as const),
		...pick([{}, { major: -1 }, { major: 1 }, { major: 5 }]),
		...pick([{}, { minor: -1 }, { minor: 0 }, { minor: 3 }]),
		...pick([{}, { access: '' }, { access: 'rwm' }, { access: 'r' }, { access: 'wm' }, { access: 'mr' }]),
	}));
}

/** Every request that can tell those rules apart. */
export const REQUESTS: readonly DeviceRequest[] = (['b', 'c'] as const).flatMap(type =>
	[1, 5, 7].flatMap(major =>
		[0, 3, 9].flatMap(minor => [1, 2, 3, 4, 5, 6, 7].map(access => ({ type, major, minor, access }))),
	),
);
