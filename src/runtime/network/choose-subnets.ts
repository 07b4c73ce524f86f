import { randomBytes } from 'node:crypto';
import { TsrunError } from '../../core/errors.ts';
import {
	addressAt,
	contains,
	ipText,
	overlaps,
	parseIp,
	parseSubnet,
	type Subnet,
	sizeOf,
	subnetText,
} from '../../core/ip-address.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import type { NetworkSubnet } from './network-files.ts';

/** A subnet that is somebody's, and whose: `network web`, `the route to eth0`. */
export interface TakenSubnet {
	readonly subnet: Subnet;
	readonly owner: string;
}

export interface WantedSubnets {
	readonly subnets: readonly string[];
	readonly gateways: readonly string[];
	readonly ranges: readonly string[];
	readonly ipv6: boolean;
	/** Room for many containers, as the default network has. */
	readonly isLarge: boolean;
}

/**
 * The subnets of a new network: those that are asked for, else one of IPv4 that nothing on this machine uses, and with `--ipv6` one of
 * IPv6 of its own (RFC 4193).
 * @throws TsrunError TSRUN_BAD_FLAG, TSRUN_SUBNET_IN_USE
 */
export function chooseSubnets(wanted: WantedSubnets, taken: readonly TakenSubnet[]): readonly NetworkSubnet[] {
	const asked = wanted.subnets.map(text => readSubnet('--subnet', text));
	for (const subnet of asked) requireFree(subnet, taken);
	for (const length of [4, 16]) {
		const [first, second] = asked.filter(({ base }) => base.length === length);
		if (first !== undefined && second !== undefined)
			throw badFlag('--subnet', subnetText(second), { problem: 'is a second one of its family' });
	}
	const has = (length: number): boolean => asked.some(({ base }) => base.length === length);
	const chosen = [
		...asked,
		...(has(4) ? [] : [freeSubnet(wanted.isLarge, taken)]),
		...(wanted.ipv6 && !has(16) ? [privateSubnet()] : []),
	].sort((a, b) => a.base.length - b.base.length);
	if (has(16) && !wanted.ipv6)
		throw badFlag('--subnet', subnetText(chosen.at(-1) as Subnet), { problem: 'is of IPv6', hint: 'give --ipv6 too' });
	const gateways = placed('--gateway', wanted.gateways, chosen);
	const ranges = placed('--ip-range', wanted.ranges, chosen);
	return chosen.map((subnet, index) => ({
		subnet: subnetText(subnet),
		gateway: gateways[index] ?? ipText(addressAt(subnet, 1n)),
		...(ranges[index] === undefined ? {} : { range: ranges[index] }),
	}));
}

/** Each value beside the subnet that it lies in. */
function placed(
	flag: '--gateway' | '--ip-range',
	texts: readonly string[],
	subnets: readonly Subnet[],
): readonly (string | undefined)[] {
	const found: (string | undefined)[] = subnets.map(() => undefined);
	for (const text of texts) {
		const address = flag === '--gateway' ? parseIp(text) : undefined;
		if (flag === '--gateway' && address === undefined) throw badFlag(flag, text, { problem: 'is no IP address' });
		const part = address === undefined ? readSubnet(flag, text) : { base: address, prefix: address.length * 8 };
		const index = subnets.findIndex(subnet => contains(subnet, part.base) && part.prefix >= subnet.prefix);
		const hint = `the subnets are ${subnets.map(subnetText).join(' and ')}`;
		if (index < 0) throw badFlag(flag, text, { problem: 'is in no subnet of the network', hint });
		found[index] = address === undefined ? subnetText(part) : ipText(address);
	}
	return found;
}

function readSubnet(flag: string, text: string): Subnet {
	const subnet = parseSubnet(text);
	if (subnet === undefined) throw badFlag(flag, text, { problem: 'is no subnet', example: `${flag} 10.20.0.0/24` });
	if (flag === '--subnet' && sizeOf(subnet) < 4n)
		throw badFlag(flag, text, { problem: 'has no room for a gateway and a container' });
	return subnet;
}

function requireFree(subnet: Subnet, taken: readonly TakenSubnet[]): void {
	const other = taken.find(each => overlaps(each.subnet, subnet));
	if (other === undefined) return;
	throw new TsrunError(
		'TSRUN_SUBNET_IN_USE',
		`subnet ${subnetText(subnet)} overlaps ${subnetText(other.subnet)} of ${other.owner}`,
		{ hint: 'choose another one, or leave out --subnet' },
	);
}

/** 10.144.0.0/16 to 10.159.0.0/16 for large ones, 10.160.0.0/24 to 10.175.255.0/24 for others. */
function freeSubnet(isLarge: boolean, taken: readonly TakenSubnet[]): Subnet {
	const count = isLarge ? 16 : 16 * 256;
	for (let index = 0; index < count; index++) {
		const base = isLarge
			? Uint8Array.of(10, 144 + index, 0, 0)
			: Uint8Array.of(10, 160 + (index >> 8), index & 0xff, 0);
		const subnet = { base, prefix: isLarge ? 16 : 24 };
		if (!taken.some(each => overlaps(each.subnet, subnet))) return subnet;
	}
	throw new TsrunError('TSRUN_SUBNET_IN_USE', 'no subnet of 10.144.0.0 to 10.175.255.255 is free', {
		hint: 'choose one with --subnet',
	});
}

function privateSubnet(): Subnet {
	return { base: Uint8Array.from([0xfd, ...randomBytes(7), 0, 0, 0, 0, 0, 0, 0, 0]), prefix: 64 };
}
