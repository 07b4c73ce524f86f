import { type Attribute, text } from './attributes.ts';
import { netlinkMessage } from './netlink-message.ts';

/** A link by its number, or by its name. */
export type Link = { readonly index: number } | { readonly name: string };

export interface LinkChange {
	readonly link: Link;
	/** IFF_* that become set. */
	readonly set?: number;
	readonly attributes?: readonly Attribute[];
	readonly flags?: number;
}

const RTM_NEWLINK = 16;
const IFLA_IFNAME = 3;
const IFINFO_BYTES = 16;

/** An RTM_NEWLINK request: makes a link (NLM_F_CREATE) or changes one (rtnetlink(7), struct ifinfomsg). */
export function linkMessage({ link, set = 0, attributes = [], flags = 0 }: LinkChange): Uint8Array {
	const header = new Uint8Array(IFINFO_BYTES);
	const view = new DataView(header.buffer);
	view.setInt32(4, 'index' in link ? link.index : 0, true);
	view.setUint32(8, set, true);
	view.setUint32(12, set, true);
	const name = 'name' in link ? [{ type: IFLA_IFNAME, value: text(link.name) }] : [];
	return netlinkMessage({ type: RTM_NEWLINK, flags, header, attributes: [...name, ...attributes] });
}
