import { type Attribute, concatenate, encodeAttributes } from '../netlink/attributes.ts';
import { NLM_F_ACK, NLM_F_REQUEST } from '../netlink/netlink-message.ts';

/** NFPROTO_*: what a table is for. */
export const NFPROTO_INET = 1;
const NFPROTO_UNSPEC = 0;
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const HEADER_BYTES = 16;

/** One message of nf_tables (linux/netfilter/nf_tables.h). */
export interface TableMessage {
	/** NFT_MSG_*. */
	readonly type: number;
	/** NLM_F_* beside REQUEST. */
	readonly flags?: number;
	readonly attributes: readonly Attribute[];
}

/**
 * Changes that the kernel makes together or not at all (linux/netfilter/nfnetlink.h). Only the last change is acknowledged: an error of
 * another one comes before that, so what is read first tells of the whole batch.
 */
export function netfilterBatch(messages: readonly TableMessage[]): Uint8Array {
	const last = messages.length - 1;
	return concatenate([
		encode({ type: NFNL_MSG_BATCH_BEGIN, family: NFPROTO_UNSPEC, resource: NFNL_SUBSYS_NFTABLES, sequence: 0 }),
		...messages.map(({ type, flags = 0, attributes }, index) =>
			encode({
				type: (NFNL_SUBSYS_NFTABLES << 8) | type,
				flags: flags | (index === last ? NLM_F_ACK : 0),
				family: NFPROTO_INET,
				sequence: index + 1,
				attributes,
			}),
		),
		encode({
			type: NFNL_MSG_BATCH_END,
			family: NFPROTO_UNSPEC,
			resource: NFNL_SUBSYS_NFTABLES,
			sequence: last + 2,
		}),
	]);
}

interface Message {
	readonly type: number;
	readonly flags?: number;
	readonly family: number;
	readonly resource?: number;
	readonly sequence: number;
	readonly attributes?: readonly Attribute[];
}

/** struct nlmsghdr in the order of the host, struct nfgenmsg with its number in that of the network. */
function encode({ type, flags = 0, family, resource = 0, sequence, attributes = [] }: Message): Uint8Array {
	const bytes = concatenate([
		new Uint8Array(HEADER_BYTES),
		Uint8Array.of(family, 0, resource >> 8, resource & 0xff),
		encodeAttributes(attributes),
	]);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, bytes.length, true);
	view.setUint16(4, type, true);
	view.setUint16(6, NLM_F_REQUEST | flags, true);
	view.setUint32(8, sequence, true);
	return bytes;
}
