import { describe, expect, it } from 'vitest';
import { text, u32 } from '../../../../src/plan/netlink/attributes.ts';
import { linkMessage } from '../../../../src/plan/netlink/link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL, netlinkMessage } from '../../../../src/plan/netlink/netlink-message.ts';
import { setLinkUp } from '../../../../src/plan/netlink/set-link-up.ts';

/** Bytes that `strace -e write=all ip …` shows, with the sequence number of a plan. */
const captured = (...lines: readonly string[]): string => lines.join('').replaceAll(' ', '');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const NEW = NLM_F_CREATE | NLM_F_EXCL;

describe('setLinkUp', () => {
	it('is what `ip link set lo up` sends', () => {
		expect(hex(setLinkUp({ index: 1 }))).toBe(
			captured('20 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00', '00 00 00 00 01 00 00 00 01 00 00 00 01 00 00 00'),
		);
	});

	it('names a link where its number is not known', () => {
		expect(hex(setLinkUp({ name: 'lo' }))).toBe(
			captured(
				'28 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00',
				'00 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00',
				'07 00 03 00 6c 6f 00 00',
			),
		);
	});
});

describe('netlinkMessage', () => {
	it('is what `ip addr add 10.1.2.3/24 broadcast 10.1.2.255 dev lo` sends', () => {
		const message = netlinkMessage({
			type: 20,
			flags: NEW,
			header: Uint8Array.of(2, 24, 0, 0, 1, 0, 0, 0),
			attributes: [
				{ type: 2, value: Uint8Array.of(10, 1, 2, 3) },
				{ type: 4, value: Uint8Array.of(10, 1, 2, 255) },
				{ type: 1, value: Uint8Array.of(10, 1, 2, 3) },
			],
		});
		expect(hex(message)).toBe(
			captured(
				'30 00 00 00 14 00 05 06 01 00 00 00 00 00 00 00',
				'02 18 00 00 01 00 00 00 08 00 02 00 0a 01 02 03',
				'08 00 04 00 0a 01 02 ff 08 00 01 00 0a 01 02 03',
			),
		);
	});

	it('is what `ip route add default via 10.1.2.1 dev lo` sends', () => {
		const message = netlinkMessage({
			type: 24,
			flags: NEW,
			header: Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0),
			attributes: [
				{ type: 5, value: Uint8Array.of(10, 1, 2, 1) },
				{ type: 4, value: u32(1) },
			],
		});
		expect(hex(message)).toBe(
			captured(
				'2c 00 00 00 18 00 05 06 01 00 00 00 00 00 00 00',
				'02 00 00 00 fe 03 00 01 00 00 00 00 08 00 05 00',
				'0a 01 02 01 08 00 04 00 01 00 00 00',
			),
		);
	});
});

describe('linkMessage', () => {
	it('nests: it is what `ip link add v0 type veth peer name v1` sends', () => {
		// the peer is a struct ifinfomsg in front of its attributes
		const peer = Buffer.concat([Buffer.alloc(16), Buffer.from('07000300763100', 'hex'), Buffer.alloc(1)]);
		const message = linkMessage({
			link: { name: 'v0' },
			flags: NEW,
			attributes: [
				{
					type: 18,
					value: [
						{ type: 1, value: text('veth').subarray(0, 4) },
						{ type: 2, value: [{ type: 1, value: peer }] },
					],
				},
			],
		});
		expect(hex(message)).toBe(
			captured(
				'54 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00',
				'00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
				'07 00 03 00 76 30 00 00 2c 00 12 00 08 00 01 00',
				'76 65 74 68 20 00 02 00 1c 00 01 00 00 00 00 00',
				'00 00 00 00 00 00 00 00 00 00 00 00 07 00 03 00',
				'76 31 00 00',
			),
		);
	});
});
