import { ipText } from '../../core/ip-address.ts';
import { macText } from '../../core/mac-address.ts';

/** linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. */
const RTM = { NEWLINK: 16, DELLINK: 17, SETLINK: 19, NEWADDR: 20, NEWROUTE: 24 } as const;
const [IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_MASTER, IFLA_LINKINFO, IFLA_NET_NS_PID] = [1, 3, 4, 10, 18, 19];
const [IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER] = [1, 2, 1];
const [IFA_LOCAL, IFA_BROADCAST, RTA_OIF, RTA_GATEWAY] = [2, 4, 4, 5];
const NLA_TYPE_MASK = 0x3fff;
const IFF_UP = 1;
const IFA_F_NODAD = 2;
const HEADER = 16;
const IFINFO = 16;

/** A request as ip(8) or bridge(8) makes it. A link by its number is `{number}`: commands want a name. */
export type NetlinkWords =
	| { readonly kind: 'up' | 'hairpin'; readonly index: number }
	| { readonly kind: 'delete'; readonly name: string }
	| { readonly kind: 'address'; readonly index: number; readonly words: readonly string[] }
	| { readonly kind: 'route'; readonly index: number; readonly words: readonly string[] }
	| {
			readonly kind: 'veth';
			readonly host: { readonly name: string; readonly index: number };
			readonly peer: { readonly name: string; readonly index: number; readonly mac: string };
			readonly master: number;
			readonly mtu: number | undefined;
	  };

/** Reads a message of a plan back; undefined where it is one that no plan has. */
export function netlinkWords(message: Uint8Array): NetlinkWords | undefined {
	const view = viewOf(message);
	const type = view.getUint16(4, true);
	switch (type) {
		case RTM.NEWLINK: {
			const attributes = attributesOf(message.subarray(HEADER + IFINFO));
			const index = view.getInt32(HEADER + 4, true);
			if (attributes.has(IFLA_LINKINFO)) return vethWords(index, attributes);
			return (view.getUint32(HEADER + 8, true) & IFF_UP) !== 0 && attributes.size === 0
				? { kind: 'up', index }
				: undefined;
		}
		case RTM.SETLINK:
			return { kind: 'hairpin', index: view.getInt32(HEADER + 4, true) };
		case RTM.DELLINK:
			return { kind: 'delete', name: textOf(attributesOf(message.subarray(HEADER + IFINFO)).get(IFLA_IFNAME)) };
		case RTM.NEWADDR:
			return addressWords(message);
		case RTM.NEWROUTE:
			return routeWords(message);
		default:
			return undefined;
	}
}

function addressWords(message: Uint8Array): NetlinkWords {
	const attributes = attributesOf(message.subarray(HEADER + 8));
	const [prefix, flags] = [message[HEADER + 1] ?? 0, message[HEADER + 2] ?? 0];
	const broadcast = attributes.get(IFA_BROADCAST as number);
	const words = [
		`${ipText(attributes.get(IFA_LOCAL as number) ?? new Uint8Array(4))}/${prefix}`,
		...(broadcast === undefined ? [] : ['broadcast', ipText(broadcast)]),
		...((flags & IFA_F_NODAD) === 0 ? [] : ['nodad']),
	];
	return { kind: 'address', index: viewOf(message).getUint32(HEADER + 4, true), words };
}

function routeWords(message: Uint8Array): NetlinkWords {
	const attributes = attributesOf(message.subarray(HEADER + 12));
	const gateway = attributes.get(RTA_GATEWAY as number) ?? new Uint8Array(4);
	return { kind: 'route', index: u32Of(attributes.get(RTA_OIF as number)), words: ['default', 'via', ipText(gateway)] };
}

function vethWords(index: number, attributes: ReadonlyMap<number, Uint8Array>): NetlinkWords | undefined {
	const info = attributesOf(attributes.get(IFLA_LINKINFO as number) ?? new Uint8Array());
	if (textOf(info.get(IFLA_INFO_KIND as number)) !== 'veth') return undefined;
	const data = attributesOf(info.get(IFLA_INFO_DATA as number) ?? new Uint8Array());
	const peer = data.get(VETH_INFO_PEER as number) ?? new Uint8Array(IFINFO);
	const ofPeer = attributesOf(peer.subarray(IFINFO));
	if (!ofPeer.has(IFLA_NET_NS_PID as number)) return undefined;
	const mtu = attributes.get(IFLA_MTU as number);
	return {
		kind: 'veth',
		host: { name: textOf(attributes.get(IFLA_IFNAME as number)), index },
		peer: {
			name: textOf(ofPeer.get(IFLA_IFNAME as number)),
			index: viewOf(peer).getInt32(4, true),
			mac: macText(ofPeer.get(IFLA_ADDRESS as number) ?? new Uint8Array(6)),
		},
		master: u32Of(attributes.get(IFLA_MASTER as number)),
		mtu: mtu === undefined ? undefined : u32Of(mtu),
	};
}

function attributesOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
	const found = new Map<number, Uint8Array>();
	const view = viewOf(bytes);
	for (let at = 0; at + 4 <= bytes.length; ) {
		const length = view.getUint16(at, true);
		if (length < 4) break;
		found.set(view.getUint16(at + 2, true) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length));
		at += Math.ceil(length / 4) * 4;
	}
	return found;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes).replace(/\0+$/, '');
const u32Of = (bytes: Uint8Array | undefined): number => (bytes === undefined ? 0 : viewOf(bytes).getUint32(0, true));
