import type { Attribute } from '../netlink/attributes.ts';
import { NLM_F_CREATE } from '../netlink/netlink-message.ts';
import type { TableMessage } from './batch.ts';
import { type Expression, expressionList, listOf, name, nested, number } from './expressions.ts';

/** The one table that tsrun makes, of the family inet; it touches no other. */
export const TABLE = 'tsrun';

const NFT_MSG = {
	NEWTABLE: 0,
	DELTABLE: 2,
	NEWCHAIN: 3,
	DELCHAIN: 5,
	NEWRULE: 6,
	DELRULE: 8,
	NEWSET: 9,
	NEWSETELEM: 12,
	DELSETELEM: 14,
} as const;
const NLM_F_APPEND = 0x800;
const NFT_SET_MAP = 8;
const NF_ACCEPT = 1;

/** Types of nft(8): the kernel only keeps them, and nft shows elements by them. */
export const TYPE = { ipv4: 7, ipv6: 8, protocol: 12, port: 13, interface: 41, verdict: 0xffff_ff00 } as const;
const BYTES: Readonly<Record<number, number>> = {
	[TYPE.ipv4]: 4,
	[TYPE.ipv6]: 16,
	[TYPE.protocol]: 4,
	[TYPE.port]: 4,
	[TYPE.interface]: 16,
	[TYPE.verdict]: 4,
};
const TYPE_BITS = 6;

export const newTable = (): TableMessage => message(NFT_MSG.NEWTABLE, [name(1, TABLE)]);
export const deleteTable = (): TableMessage => message(NFT_MSG.DELTABLE, [name(1, TABLE)]);

export interface Hook {
	readonly type: 'nat' | 'filter';
	/** NF_INET_*. */
	readonly number: number;
	readonly priority: number;
}

/** A chain; with a hook the kernel gives it packets. */
export const newChain = (chain: string, hook?: Hook): TableMessage =>
	message(NFT_MSG.NEWCHAIN, [
		name(1, TABLE),
		name(3, chain),
		...(hook === undefined
			? []
			: [nested(4, [number(1, hook.number), number(2, hook.priority)]), number(5, NF_ACCEPT), name(7, hook.type)]),
	]);

/** With its rules; refused (EBUSY) while a rule or an element elsewhere leads to it. */
export const deleteChain = (chain: string): TableMessage => message(NFT_MSG.DELCHAIN, [name(1, TABLE), name(3, chain)]);

/** All rules of a chain. */
export const flushChain = (chain: string): TableMessage => message(NFT_MSG.DELRULE, [name(1, TABLE), name(2, chain)]);

export const newRule = (chain: string, expressions: readonly Expression[]): TableMessage => ({
	type: NFT_MSG.NEWRULE,
	flags: NLM_F_CREATE | NLM_F_APPEND,
	attributes: [name(1, TABLE), name(2, chain), nested(4, expressionList(expressions))],
});

export interface SetShape {
	readonly name: string;
	/** Of {@link TYPE}; several are one key. */
	readonly key: readonly number[];
	/** Of a map. */
	readonly data?: readonly number[];
}

/** @param id of the set within its batch */
export const newSet = ({ name: set, key, data }: SetShape, id: number): TableMessage =>
	message(NFT_MSG.NEWSET, [
		name(1, TABLE),
		name(2, set),
		number(3, data === undefined ? 0 : NFT_SET_MAP),
		number(4, joinedType(key)),
		number(5, joinedBytes(key)),
		...(data === undefined ? [] : [number(6, joinedType(data)), number(7, joinedBytes(data))]),
		number(10, id),
		...(key.length === 1 && key[0] === TYPE.interface ? [NAMES_AS_THEY_ARE] : []),
	]);

/** Kept for nft(8) alone, which would turn the names around: NFTNL_UDATA_SET_KEYBYTEORDER is that of the host. */
const NAMES_AS_THEY_ARE: Attribute = { type: 13, value: Uint8Array.of(0, 4, 1, 0, 0, 0) };

const joinedType = (types: readonly number[]): number =>
	types.reduce((joined, type) => (joined << TYPE_BITS) | type, 0);
const joinedBytes = (types: readonly number[]): number =>
	types.reduce((length, type) => length + (BYTES[type] ?? 0), 0);

export interface SetElement {
	readonly set: string;
	readonly key: Uint8Array;
	/** Of a map: a value, or a verdict. */
	readonly data?: readonly Attribute[];
}

export const newElement = (element: SetElement): TableMessage => elementMessage(NFT_MSG.NEWSETELEM, element);
export const deleteElement = ({ set, key }: SetElement): TableMessage =>
	elementMessage(NFT_MSG.DELSETELEM, { set, key });

const elementMessage = (type: number, { set, key, data }: SetElement): TableMessage =>
	message(type, [
		name(1, TABLE),
		name(2, set),
		nested(3, listOf([[nested(1, [{ type: 1, value: key }]), ...(data === undefined ? [] : [nested(2, data)])]])),
	]);

const CREATING: readonly number[] = [NFT_MSG.NEWTABLE, NFT_MSG.NEWCHAIN, NFT_MSG.NEWSET, NFT_MSG.NEWSETELEM];

const message = (type: number, attributes: readonly Attribute[]): TableMessage => ({
	type,
	flags: CREATING.includes(type) ? NLM_F_CREATE : 0,
	attributes,
});
