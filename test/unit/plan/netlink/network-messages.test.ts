import { expect, it } from 'vitest';
import { parseIp } from '../../../../src/core/ip-address.ts';
import {
	addAddressMessage,
	defaultRouteMessage,
	removeAddressMessage,
} from '../../../../src/plan/netlink/address-message.ts';
import { bridgeMessage, deleteLinkMessage } from '../../../../src/plan/netlink/bridge-message.ts';
import { vethMessage } from '../../../../src/plan/netlink/veth-message.ts';

// what `strace -e write=all ip …` shows, with the sequence number of a plan; strings end with a NUL, which ip leaves out of kinds
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ip = (text: string): Uint8Array => parseIp(text) ?? new Uint8Array(0);
const MAC = Uint8Array.of(2, 0x42, 172, 20, 0, 2);

it('ip link add br9 address … type bridge', () => {
	expect(hex(bridgeMessage({ name: 'br9', mac: MAC }))).toBe(
		'440000001000050601000000000000000000000000000000000000000000000008000300627239000a0001000242ac1400020000100012000b0001006272696467650000',
	);
});

it('ip address add 172.20.0.1/16 broadcast 172.20.255.255', () => {
	expect(hex(addAddressMessage(2, { address: ip('172.20.0.1'), prefix: 16 }))).toBe(
		'30000000140005060100000000000000021000000200000008000200ac14000108000400ac14ffff08000100ac140001',
	);
});

it('ip address add fd00::1/64 nodad, and its removal', () => {
	const address = { address: ip('fd00::1'), prefix: 64 };
	const rest =
		'010000000000000' +
		'00a4002000200000014000200fd00000000000000000000000000000114000100fd000000000000000000000000000001';
	expect(hex(addAddressMessage(2, address))).toBe(`4000000014000506${rest}`);
	expect(hex(removeAddressMessage(2, address))).toBe(`4000000015000500${rest}`);
});

it('ip route add default via …', () => {
	expect(hex(defaultRouteMessage(2, ip('172.20.0.9')))).toBe(
		'2c00000018000506010000000000000002000000fe0300010000000008000500ac1400090800040002000000',
	);
	expect(hex(defaultRouteMessage(2, ip('fd00::9')))).toBe(
		'38000000180005060100000000000000' +
			'0a000000fe0300010000000014000500fd0000000000000000000000000000090800040002000000',
	);
});

it('ip link delete v0', () => {
	expect(hex(deleteLinkMessage({ name: 'v0' }))).toBe(
		'28000000110005000100000000000000' + '00000000000000000000000000000000' + '0700030076300000',
	);
});

it('a pair: one end on the bridge and up, the other with its number, its address, and a place for the pid at the very end', () => {
	const message = vethMessage({
		host: { name: 'v0', index: 500 },
		master: 2,
		peer: { name: 'eth0', index: 100, mac: MAC },
	});
	expect(hex(message)).toBe(
		'78000000100005060100000000000000' +
			'00000000f40100000100000001000000' +
			'0700030076300000' +
			'08000a0002000000' +
			'480012000900010076657468000000003800020034000100' +
			'00000000640000000000000000000000' +
			'09000300657468300000000' +
			'00a0001000242ac1400020000' +
			'0800130000000000',
	);
});
