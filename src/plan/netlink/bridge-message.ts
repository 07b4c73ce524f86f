import { text, u32 } from './attributes.ts';
import { type Link, linkMessage } from './link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL, netlinkMessage } from './netlink-message.ts';

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const RTM_DELLINK = 17;

/**
 * Makes a bridge, as `ip link add … type bridge` does. Without an address of its own a bridge has that of one of its ports, and guests
 * that have noted it lose their way when the port goes.
 */
export function bridgeMessage({ name, mac, mtu }: NewBridge): Uint8Array {
	return linkMessage({
		link: { name },
		flags: NLM_F_CREATE | NLM_F_EXCL,
		attributes: [
			{ type: IFLA_ADDRESS, value: mac },
			...(mtu === undefined ? [] : [{ type: IFLA_MTU, value: u32(mtu) }]),
			{ type: IFLA_LINKINFO, value: [{ type: IFLA_INFO_KIND, value: text('bridge') }] },
		],
	});
}

export interface NewBridge {
	readonly name: string;
	/** Six bytes. */
	readonly mac: Uint8Array;
	readonly mtu?: number | undefined;
}

/** Removes a link, and of a pair the other end too. */
export function deleteLinkMessage(link: Link): Uint8Array {
	const header = new Uint8Array(16);
	new DataView(header.buffer).setInt32(4, 'index' in link ? link.index : 0, true);
	const attributes = 'name' in link ? [{ type: IFLA_IFNAME, value: text(link.name) }] : [];
	return netlinkMessage({ type: RTM_DELLINK, header, attributes });
}
