import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import {
	addressAt,
	contains,
	ipText,
	isSame,
	parseIp,
	parseSubnet,
	type Subnet,
	sizeOf,
} from '../../core/ip-address.ts';
import type { InterfaceAddress } from '../../plan/netlink/address-message.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import type { NetworkRequest } from '../../spec/run-options.ts';
import type { NetworkRecord, NetworkSubnet } from './network-files.ts';

export interface AddressChoice {
	readonly request: Pick<NetworkRequest, 'ip' | 'ip6'>;
	/** Addresses that others have. */
	readonly claims: ReadonlyMap<string, ContainerId>;
	/** Those that the container had before. */
	readonly previous: readonly string[];
}

/**
 * One address in each subnet of a network: the one that is asked for, else the one that the container had, else the first that is free.
 * @throws TsrunError TSRUN_ADDRESS_IN_USE, TSRUN_NO_ADDRESS, TSRUN_BAD_FLAG
 */
export function chooseAddresses(network: NetworkRecord, choice: AddressChoice): readonly InterfaceAddress[] {
	const addresses = network.subnets.map(subnet => chooseAddress(network, subnet, choice));
	requireFamilies(network, choice.request, addresses);
	return addresses;
}

function chooseAddress(
	network: NetworkRecord,
	{ subnet, gateway, range }: NetworkSubnet,
	{ request, claims, previous }: AddressChoice,
): InterfaceAddress {
	const whole = parseSubnet(subnet) as Subnet;
	const { prefix } = whole;
	const isIpv6 = whole.base.length === 16;
	const asked = isIpv6 ? request.ip6 : request.ip;
	if (asked !== undefined) return { address: askedAddress(network, { asked, whole, gateway, claims, isIpv6 }), prefix };
	const part = range === undefined ? whole : (parseSubnet(range) as Subnet);
	const gatewayBytes = parseIp(gateway) as Uint8Array;
	// neither the address of the network nor, with IPv4, the one for all
	const size = sizeOf(part);
	const isFree = (address: Uint8Array): boolean => !isSame(address, gatewayBytes) && !claims.has(ipText(address));
	const had = previous.map(parseIp).find(address => address !== undefined && contains(part, address));
	if (had !== undefined && isFree(had)) return { address: had, prefix };
	const isWhole = part.prefix === prefix;
	for (let offset = isWhole ? 1n : 0n; offset < size - (isWhole && !isIpv6 ? 1n : 0n); offset++) {
		const address = addressAt(part, offset);
		if (isFree(address)) return { address, prefix };
	}
	throw new TsrunError('TSRUN_NO_ADDRESS', `network ${network.name} has no free address in ${range ?? subnet}`, {
		hint: 'containers that have ended keep theirs until tsrun rm',
	});
}

interface Asked {
	readonly asked: string;
	readonly whole: Subnet;
	readonly gateway: string;
	readonly claims: ReadonlyMap<string, ContainerId>;
	readonly isIpv6: boolean;
}

function askedAddress({ name }: NetworkRecord, { asked, whole, gateway, claims, isIpv6 }: Asked): Uint8Array {
	const flag = isIpv6 ? '--ip6' : '--ip';
	const address = parseIp(asked) as Uint8Array;
	const text = ipText(address);
	if (!contains(whole, address)) {
		throw badFlag(flag, asked, { problem: `is not in ${ipText(whole.base)}/${whole.prefix} of network ${name}` });
	}
	const isReserved = isSame(address, whole.base) || (!isIpv6 && isSame(address, addressAt(whole, sizeOf(whole) - 1n)));
	const owner = isSame(address, parseIp(gateway) as Uint8Array)
		? 'the gateway'
		: isReserved
			? 'the network itself'
			: claims.has(text)
				? `container ${claims.get(text)?.slice(0, 12)}`
				: undefined;
	if (owner === undefined) return address;
	throw new TsrunError('TSRUN_ADDRESS_IN_USE', `address ${text} of network ${name} is in use by ${owner}`);
}

function requireFamilies(
	{ name }: NetworkRecord,
	{ ip, ip6 }: AddressChoice['request'],
	addresses: readonly InterfaceAddress[],
): void {
	const has = (length: number): boolean => addresses.some(({ address }) => address.length === length);
	if (ip6 !== undefined && !has(16))
		throw badFlag('--ip6', ip6, { problem: `is of IPv6, which network ${name} has not` });
	if (ip !== undefined && !has(4)) throw badFlag('--ip', ip, { problem: `is of IPv4, which network ${name} has not` });
}
