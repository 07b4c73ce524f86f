import { u32 } from './attributes.ts';
import { NLM_F_CREATE, NLM_F_EXCL, netlinkMessage } from './netlink-message.ts';

/** linux/if_addr.h, linux/rtnetlink.h. */
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_NEWROUTE = 24;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
/** Nobody else can have it: it is not asked for whether somebody does, which takes a second. */
const IFA_F_NODAD = 2;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;

export interface InterfaceAddress {
	/** 4 or 16 bytes. */
	readonly address: Uint8Array;
	readonly prefix: number;
}

/** Gives an interface an address, by the interface's number (struct ifaddrmsg). */
export const addAddressMessage = (index: number, address: InterfaceAddress): Uint8Array =>
	addressMessage(RTM_NEWADDR, index, address);
export const removeAddressMessage = (index: number, address: InterfaceAddress): Uint8Array =>
	addressMessage(RTM_DELADDR, index, address);

function addressMessage(type: number, index: number, { address, prefix }: InterfaceAddress): Uint8Array {
	const isIpv6 = address.length === 16;
	const header = new Uint8Array(8);
	header.set([familyOf(address), prefix, isIpv6 ? IFA_F_NODAD : 0]);
	new DataView(header.buffer).setUint32(4, index, true);
	const broadcast = isIpv6 || prefix > 30 ? [] : [{ type: IFA_BROADCAST, value: lastOf(address, prefix) }];
	return netlinkMessage({
		type,
		flags: type === RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0,
		header,
		attributes: [{ type: IFA_LOCAL, value: address }, ...broadcast, { type: IFA_ADDRESS, value: address }],
	});
}

/** The way to everywhere (struct rtmsg). */
export function defaultRouteMessage(index: number, gateway: Uint8Array): Uint8Array {
	return netlinkMessage({
		type: RTM_NEWROUTE,
		flags: NLM_F_CREATE | NLM_F_EXCL,
		header: Uint8Array.of(familyOf(gateway), 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, RTN_UNICAST, 0, 0, 0, 0),
		attributes: [
			{ type: RTA_GATEWAY, value: gateway },
			{ type: RTA_OIF, value: u32(index) },
		],
	});
}

const familyOf = (address: Uint8Array): number => (address.length === 4 ? 2 : 10);

function lastOf(address: Uint8Array, prefix: number): Uint8Array {
	return address.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, prefix - 8 * index))));
}
