import { type Link, linkMessage } from './link-message.ts';

const IFF_UP = 1;

/** The request that brings a link up, as `ip link set … up` sends it. A new network namespace has `lo` at index 1, down. */
export function setLinkUp(link: Link): Uint8Array {
	return linkMessage({ link, set: IFF_UP });
}
