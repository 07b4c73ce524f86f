import { u32 } from '../netlink/attributes.ts';
import type { TableMessage } from './batch.ts';
import {
	compare,
	connection,
	destinationNat,
	destinationType,
	type Expression,
	lookup,
	masquerade,
	meta,
	payload,
	REGISTER,
	verdict,
} from './expressions.ts';
import {
	deleteChain,
	deleteTable,
	flushChain,
	type Hook,
	newChain,
	newRule,
	newSet,
	newTable,
	type SetShape,
	TYPE,
} from './table-objects.ts';

export const IPV4 = 2;
export const IPV6 = 10;

/** What changes with networks and containers is in sets and maps; the rules are the same for all. */
const SETS: readonly SetShape[] = [
	{ name: 'bridges', key: [TYPE.interface] },
	{ name: 'internal', key: [TYPE.interface] },
	{ name: 'same', key: [TYPE.interface, TYPE.interface] },
	{ name: 'guests4', key: [TYPE.ipv4], data: [TYPE.verdict] },
	{ name: 'guests6', key: [TYPE.ipv6], data: [TYPE.verdict] },
	{ name: 'ports4', key: [TYPE.protocol, TYPE.port], data: [TYPE.ipv4, TYPE.port] },
	{ name: 'bound4', key: [TYPE.ipv4, TYPE.protocol, TYPE.port], data: [TYPE.ipv4, TYPE.port] },
	{ name: 'ports6', key: [TYPE.protocol, TYPE.port], data: [TYPE.ipv6, TYPE.port] },
	{ name: 'bound6', key: [TYPE.ipv6, TYPE.protocol, TYPE.port], data: [TYPE.ipv6, TYPE.port] },
];

/** Every guest's element leads to one of these. A chain that something leads to cannot be deleted: see {@link removeIfUnused}. */
export const GUEST_CHAINS = ['outward', 'inward'] as const;

const CHAINS: readonly (readonly [name: string, hook?: Hook])[] = [
	['outward'],
	['inward'],
	['publish'],
	['guard', { type: 'filter', number: 0, priority: -300 }],
	['prerouting', { type: 'nat', number: 0, priority: -100 }],
	['output', { type: 'nat', number: 3, priority: -100 }],
	['postrouting', { type: 'nat', number: 4, priority: 100 }],
	['forward', { type: 'filter', number: 2, priority: 0 }],
];

const is = (family: number): readonly Expression[] => [meta('nfproto'), compare(Uint8Array.of(family))];
const ipv4 = { source: { offset: 12, length: 4 }, destination: { offset: 16, length: 4 } } as const;
const ipv6 = { source: { offset: 8, length: 16 }, destination: { offset: 24, length: 16 } } as const;
const LOOPBACK4 = compare(Uint8Array.of(127));
const LOOPBACK6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const firstByte = ({ offset }: { readonly offset: number }): Expression => payload('network', { offset, length: 1 });
const toOwnAddress: readonly Expression[] = [destinationType, compare(u32(2)), verdict('jump', 'publish')];
const published = connection('status', 0x20);
const to = (set: string): readonly Expression[] => [meta('oifname'), lookup(set)];
const from = (set: string): readonly Expression[] => [meta('iifname'), lookup(set)];
const port = (register: number): Expression => payload('transport', { offset: 2, length: 2, register });

/** Ports that are published at one address go before those at all. */
function publishRules(family: number, word: number): readonly (readonly Expression[])[] {
	const { bound, ports, address } =
		family === IPV4
			? { bound: 'bound4', ports: 'ports4', address: ipv4.destination }
			: { bound: 'bound6', ports: 'ports6', address: ipv6.destination };
	const [protocol, number] = family === IPV4 ? [REGISTER.word1, REGISTER.word2] : [REGISTER.second, REGISTER.word5];
	return [
		[
			...is(family),
			payload('network', address),
			meta('l4proto', protocol),
			port(number),
			lookup(bound, REGISTER.first),
			destinationNat(family, word),
		],
		[...is(family), meta('l4proto'), port(REGISTER.word1), lookup(ports, REGISTER.first), destinationNat(family, word)],
	];
}

const RULES: Readonly<Record<string, readonly (readonly Expression[])[]>> = {
	// another guest by way of a published port must answer to the host, and not past it
	outward: [[...to('bridges'), ...published, masquerade], [...to('bridges'), verdict('return')], [masquerade]],
	inward: [],
	publish: [...publishRules(IPV4, REGISTER.word1), ...publishRules(IPV6, REGISTER.second)],
	// route_localnet is set on bridges: what a guest sends to 127.0.0.0/8 is not for the host's loopback (CVE-2020-8558)
	guard: [[...from('bridges'), ...is(IPV4), firstByte(ipv4.destination), LOOPBACK4, verdict('drop')]],
	prerouting: [
		// from outside nothing reaches a port that is published on the loopback alone
		[...is(IPV4), firstByte(ipv4.destination), compare(Uint8Array.of(127), false), ...toOwnAddress],
		[...is(IPV6), ...toOwnAddress],
	],
	output: [
		[...is(IPV4), ...toOwnAddress],
		[...is(IPV6), payload('network', ipv6.destination), compare(LOOPBACK6, false), ...toOwnAddress],
	],
	postrouting: [
		[...is(IPV4), firstByte(ipv4.source), LOOPBACK4, ...to('bridges'), ...published, masquerade],
		[...is(IPV4), payload('network', ipv4.source), lookup('guests4', REGISTER.verdict)],
		[...is(IPV6), payload('network', ipv6.source), lookup('guests6', REGISTER.verdict)],
	],
	forward: [
		[...connection('state', 0x2 | 0x4), verdict('accept')],
		[meta('iifname'), meta('oifname', REGISTER.second), lookup('same'), verdict('accept')],
		[...from('internal'), verdict('drop')],
		[...to('internal'), verdict('drop')],
		[...to('bridges'), ...published, verdict('accept')],
		[...to('bridges'), verdict('drop')],
	],
};

/** Makes the table, or makes it right again: sets keep their elements, and the rules are those of this version of tsrun. */
export function ensureTable(): readonly TableMessage[] {
	return [
		newTable(),
		...SETS.map((set, index) => newSet(set, index + 1)),
		...CHAINS.map(([chain, hook]) => newChain(chain, hook)),
		...CHAINS.map(([chain]) => flushChain(chain)),
		...CHAINS.flatMap(([chain]) => (RULES[chain] ?? []).map(rule => newRule(chain, rule))),
	];
}

/**
 * Deletes the table where no container has an element in it. The chains that elements lead to are deleted first, which the kernel refuses
 * while there are any (EBUSY), and with that the whole batch: nobody has to look, and no other start comes between.
 */
export function removeIfUnused(): readonly TableMessage[] {
	return [...GUEST_CHAINS.map(deleteChain), deleteTable()];
}
