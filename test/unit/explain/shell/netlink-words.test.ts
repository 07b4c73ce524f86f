import { describe, expect, it } from 'vitest';
import { netlinkWords } from '../../../../src/explain/shell/netlink-words.ts';
import {
	addAddressMessage,
	defaultRouteMessage,
	removeAddressMessage,
} from '../../../../src/plan/netlink/address-message.ts';
import { deleteLinkMessage } from '../../../../src/plan/netlink/bridge-message.ts';
import { hairpinMessage } from '../../../../src/plan/netlink/hairpin-message.ts';
import { setLinkUp } from '../../../../src/plan/netlink/set-link-up.ts';
import { vethMessage } from '../../../../src/plan/netlink/veth-message.ts';

const IPV4 = Uint8Array.of(10, 1, 2, 3);
const IPV6 = Uint8Array.of(0xfd, ...Array.from({ length: 14 }, () => 0), 7);

describe('netlinkWords', () => {
	it('reads every message of a plan back', () => {
		expect(netlinkWords(setLinkUp({ index: 1 }))).toEqual({ kind: 'up', index: 1 });
		expect(netlinkWords(hairpinMessage(77))).toEqual({ kind: 'hairpin', index: 77 });
		expect(netlinkWords(deleteLinkMessage({ name: "tsr'0" }))).toEqual({ kind: 'delete', name: "tsr'0" });
		expect(netlinkWords(addAddressMessage(100, { address: IPV4, prefix: 24 }))).toEqual({
			kind: 'address',
			index: 100,
			words: ['10.1.2.3/24', 'broadcast', '10.1.2.255'],
		});
		expect(netlinkWords(addAddressMessage(100, { address: IPV6, prefix: 64 }))).toEqual({
			kind: 'address',
			index: 100,
			words: ['fd00::7/64', 'nodad'],
		});
		expect(netlinkWords(defaultRouteMessage(100, IPV4))).toEqual({
			kind: 'route',
			index: 100,
			words: ['default', 'via', '10.1.2.3'],
		});
	});

	it.each([undefined, 1400])('reads a pair with the MTU %s back', mtu => {
		const host = { name: 'tsr0', index: 0x1000_0001 };
		const peer = { name: 'eth0', index: 100, mac: Uint8Array.of(2, 0x42, 10, 1, 2, 3) };
		expect(netlinkWords(vethMessage({ host, master: 5, peer, ...(mtu === undefined ? {} : { mtu }) }))).toEqual({
			kind: 'veth',
			host,
			peer: { ...peer, mac: '02:42:0a:01:02:03' },
			master: 5,
			mtu,
		});
	});

	it('does not make up what it does not know', () => {
		expect(netlinkWords(removeAddressMessage(1, { address: IPV4, prefix: 24 }))).toBeUndefined();
	});
});
