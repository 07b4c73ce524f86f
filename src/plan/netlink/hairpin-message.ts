import { netlinkMessage } from './netlink-message.ts';

const RTM_SETLINK = 19;
const AF_BRIDGE = 7;
const IFLA_PROTINFO = 12;
const NLA_F_NESTED = 0x8000;
const IFLA_BRPORT_MODE = 4;

/** `bridge link set … hairpin on`: what came from a port of the bridge may go back there. */
export function hairpinMessage(index: number): Uint8Array {
	const header = new Uint8Array(16);
	header[0] = AF_BRIDGE;
	new DataView(header.buffer).setInt32(4, index, true);
	const mode = [{ type: IFLA_BRPORT_MODE, value: Uint8Array.of(1) }];
	return netlinkMessage({
		type: RTM_SETLINK,
		header,
		attributes: [{ type: IFLA_PROTINFO | NLA_F_NESTED, value: mode }],
	});
}
