import { type Attribute, concatenate, encodeAttributes, text, u32 } from './attributes.ts';
import { linkMessage } from './link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from './netlink-message.ts';

/** linux/if_link.h, linux/veth.h. */
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_PID = 19;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFF_UP = 1;

export interface VethPair {
	readonly host: { readonly name: string; readonly index: number };
	/** Number of the bridge that the host's end belongs to. */
	readonly master: number;
	/** The end in the container. */
	readonly peer: { readonly name: string; readonly index: number; readonly mac: Uint8Array };
	readonly mtu?: number;
}

/**
 * A pair of devices, one on the bridge and up, the other in the network namespace of a process, whose pid is the last word of the message.
 * Both have numbers that are chosen here: the kernel gives the peer the one it asks for only where the first one has one too.
 */
export function vethMessage({ host, master, peer, mtu }: VethPair): Uint8Array {
	const size: readonly Attribute[] = mtu === undefined ? [] : [{ type: IFLA_MTU, value: u32(mtu) }];
	const ofPeer = concatenate([
		peerHeader(peer.index),
		encodeAttributes([
			{ type: IFLA_IFNAME, value: text(peer.name) },
			{ type: IFLA_ADDRESS, value: peer.mac },
			...size,
			{ type: IFLA_NET_NS_PID, value: u32(0) },
		]),
	]);
	return linkMessage({
		link: { index: host.index },
		set: IFF_UP,
		flags: NLM_F_CREATE | NLM_F_EXCL,
		attributes: [
			{ type: IFLA_IFNAME, value: text(host.name) },
			{ type: IFLA_MASTER, value: u32(master) },
			...size,
			{
				type: IFLA_LINKINFO,
				value: [
					{ type: IFLA_INFO_KIND, value: text('veth') },
					{ type: IFLA_INFO_DATA, value: [{ type: VETH_INFO_PEER, value: ofPeer }] },
				],
			},
		],
	});
}

/** struct ifinfomsg. */
function peerHeader(index: number): Uint8Array {
	const header = new Uint8Array(16);
	new DataView(header.buffer).setInt32(4, index, true);
	return header;
}
