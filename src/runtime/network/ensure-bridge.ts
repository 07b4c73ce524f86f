import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { parseIp, parseSubnet } from '../../core/ip-address.ts';
import { systemWords } from '../../core/system-failure.ts';
import { interfaceIndex } from '../../native/interface-index.ts';
import { requestNetlink } from '../../native/netlink-socket.ts';
import { addAddressMessage } from '../../plan/netlink/address-message.ts';
import { bridgeMessage } from '../../plan/netlink/bridge-message.ts';
import { setLinkUp } from '../../plan/netlink/set-link-up.ts';
import type { NetworkRecord } from './network-files.ts';

/**
 * Makes the bridge of a network where it is missing, as after the start of the machine: with a fixed hardware address, the gateway's
 * addresses, and what the kernel needs to pass packets on. It stays until the network is removed. The networks are locked by the caller.
 * @returns its number
 * @throws TsrunError TSRUN_NETWORK
 */
export function ensureBridge(network: NetworkRecord): number {
	const { bridge } = network;
	try {
		const index = interfaceIndex(bridge) ?? make(network);
		for (const [path, value] of parameters(network)) setParameter(path, value);
		return index;
	} catch (error) {
		const words = systemWords(error) ?? (error as Error).message;
		throw new TsrunError('TSRUN_NETWORK', `cannot make the bridge ${bridge} of network ${network.name}: ${words}`, {
			cause: error,
			hint: 'it takes CAP_NET_ADMIN and a kernel with bridges; --network none runs the container without a network',
		});
	}
}

/** Where the bridge is not there, 0. */
export const bridgeIndex = ({ bridge }: NetworkRecord): number => interfaceIndex(bridge) ?? 0;

/** Fixed, and locally administered. */
export const bridgeMac = ({ id }: Pick<NetworkRecord, 'id'>): Uint8Array =>
	Uint8Array.of(0x02, 0x42, ...Buffer.from(id.slice(0, 8), 'hex'));

function make(network: NetworkRecord): number {
	const { bridge, mtu, subnets } = network;
	const mac = bridgeMac(network);
	requestNetlink('route', bridgeMessage({ name: bridge, mac, mtu }));
	const index = interfaceIndex(bridge) ?? 0;
	if (!subnets.some(({ subnet }) => subnet.includes(':'))) setParameter(`ipv6/conf/${bridge}/disable_ipv6`, '1');
	setParameter(`ipv6/conf/${bridge}/accept_ra`, '0');
	for (const { gateway, subnet } of subnets) {
		const address = parseIp(gateway) ?? new Uint8Array(4);
		requestNetlink('route', addAddressMessage(index, { address, prefix: parseSubnet(subnet)?.prefix ?? 0 }));
	}
	requestNetlink('route', setLinkUp({ index }));
	return index;
}

/** Ports that are published on 127.0.0.1 come from there: `route_localnet`, which the rules guard. */
function parameters({ bridge, subnets }: NetworkRecord): readonly (readonly [path: string, value: string])[] {
	const hasIpv6 = subnets.some(({ subnet }) => subnet.includes(':'));
	return [
		[`ipv4/conf/${bridge}/route_localnet`, '1'],
		['ipv4/ip_forward', '1'],
		...(hasIpv6 ? [['ipv6/conf/all/forwarding', '1'] as const] : []),
	];
}

/** Nothing is written that holds already: /proc/sys may be read-only, with all as it should be. */
function setParameter(path: string, value: string): void {
	const file = `/proc/sys/net/${path}`;
	if (!existsSync(file) && path.startsWith('ipv6/')) return;
	if (readFileSync(file, 'latin1').trim() !== value) writeFileSync(file, value);
}
