import { type Attribute, concatenate, encodeAttributes } from './attributes.ts';

/** Flags of a request (netlink(7)). */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

export interface NetlinkRequest {
	/** RTM_* (rtnetlink(7)). */
	readonly type: number;
	/** NLM_F_* beside REQUEST and ACK, which every request of a plan has. */
	readonly flags?: number;
	/** The fixed part: struct ifinfomsg, ifaddrmsg, rtmsg … */
	readonly header: Uint8Array;
	readonly attributes?: readonly Attribute[];
}

const HEADER_BYTES = 16;
/** One message goes out on one socket, so that every one can be the first. */
const SEQUENCE = 1;

/** One request with its struct nlmsghdr, little endian; the kernel answers with an acknowledgement that carries an errno. */
export function netlinkMessage({ type, flags = 0, header, attributes = [] }: NetlinkRequest): Uint8Array {
	const bytes = concatenate([new Uint8Array(HEADER_BYTES), header, encodeAttributes(attributes)]);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, bytes.length, true);
	view.setUint16(4, type, true);
	view.setUint16(6, NLM_F_REQUEST | NLM_F_ACK | flags, true);
	view.setUint32(8, SEQUENCE, true);
	return bytes;
}
