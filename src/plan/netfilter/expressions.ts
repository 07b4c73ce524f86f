import { type Attribute, text, u32 } from '../netlink/attributes.ts';

/** Of an attribute whose value is attributes. */
const NLA_F_NESTED = 0x8000;
const NFTA_LIST_ELEM = 1;

/** An attribute that holds others. */
export const nested = (type: number, value: readonly Attribute[]): Attribute => ({ type: type | NLA_F_NESTED, value });

/** A number in the order of the network, as nf_tables has all of its own. */
export const number = (type: number, value: number): Attribute => {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value >>> 0);
	return { type, value: bytes };
};

export const name = (type: number, value: string): Attribute => ({ type, value: text(value) });

/** A part of a rule, by its name in the kernel and its attributes. */
export type Expression = readonly [name: string, attributes: readonly Attribute[]];

/** NFTA_RULE_EXPRESSIONS. */
export const expressionList = (expressions: readonly Expression[]): readonly Attribute[] =>
	expressions.map(([kind, attributes]) =>
		nested(NFTA_LIST_ELEM, [name(1, kind), ...(attributes.length === 0 ? [] : [nested(2, attributes)])]),
	);

/** Elements of a list. */
export const listOf = (elements: readonly (readonly Attribute[])[]): readonly Attribute[] =>
	elements.map(element => nested(NFTA_LIST_ELEM, element));

/**
 * Registers are 16 words of four bytes; numbers from 8 on name words, 1 to 4 name groups of four. Chosen here as nft(8) does, so that its
 * listing shows the rule as it would be written.
 */
export const REGISTER = { verdict: 0, first: 1, second: 2, word1: 9, word2: 10, word5: 13 } as const;

const META = { iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const;
const CT = { state: 0, status: 2 } as const;
const VERDICT = { drop: 0, accept: 1, jump: -3, return: -5 } as const;

export const meta = (key: keyof typeof META, register: number = REGISTER.first): Expression => [
	'meta',
	[number(2, META[key]), number(1, register)],
];

/** Bytes of a header. */
export const payload = (
	base: 'network' | 'transport',
	{ offset, length, register = REGISTER.first }: PayloadPlace,
): Expression => [
	'payload',
	[number(1, register), number(2, base === 'network' ? 1 : 2), number(3, offset), number(4, length)],
];

export interface PayloadPlace {
	readonly offset: number;
	readonly length: number;
	readonly register?: number;
}

/** The kind of the destination address (RTN_LOCAL: one of the host's own). */
export const destinationType: Expression = ['fib', [number(3, 2), number(2, 3), number(1, REGISTER.first)]];

export const compare = (value: Uint8Array, isEqual = true): Expression => [
	'cmp',
	[number(1, REGISTER.first), number(2, isEqual ? 0 : 1), nested(3, [{ type: 1, value }])],
];

/** A connection's state or status has one of these bits. */
export const connection = (key: keyof typeof CT, bits: number): readonly Expression[] => [
	['ct', [number(2, CT[key]), number(1, REGISTER.first)]],
	[
		'bitwise',
		[
			number(1, REGISTER.first),
			number(2, REGISTER.first),
			number(3, 4),
			nested(4, [{ type: 1, value: u32(bits) }]),
			nested(5, [{ type: 1, value: u32(0) }]),
		],
	],
	compare(u32(0), false),
];

/** Goes on where the set has the register; with a target, what the map holds for it goes there. */
export const lookup = (set: string, target?: number): Expression => [
	'lookup',
	[name(1, set), number(2, REGISTER.first), ...(target === undefined ? [] : [number(3, target)])],
];

/** NFTA_DATA_VERDICT. */
export const verdictData = (code: keyof typeof VERDICT, chain?: string): readonly Attribute[] => [
	nested(2, [number(1, VERDICT[code]), ...(chain === undefined ? [] : [name(2, chain)])]),
];

export const verdict = (code: keyof typeof VERDICT, chain?: string): Expression => [
	'immediate',
	[number(1, REGISTER.verdict), nested(2, verdictData(code, chain))],
];

export const masquerade: Expression = ['masq', []];

/** To the address and the port that two registers hold. */
export const destinationNat = (family: number, portRegister: number): Expression => [
	'nat',
	[number(1, 1), number(2, family), number(3, REGISTER.first), number(5, portRegister)],
];
