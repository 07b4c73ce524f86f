import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { globalAddresses, parseAddress, readNetworkDevices } from '../../../src/host/read-network-devices.ts';

it('finds devices by name, with their numbers', () => {
	const index = Number(readFileSync('/sys/class/net/lo/ifindex', 'latin1'));
	const found = readNetworkDevices(['lo', 'tsrun-none']);
	expect(Object.keys(found)).toEqual(['lo']);
	expect(found.lo?.index).toBe(index);
});

it.each([
	['192.0.2.7/24', 2, 24, [192, 0, 2, 7]],
	['2001:db8::1/64', 10, 64, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
	['::/0', 10, 0, Array.from({ length: 16 }, () => 0)],
	['2001:db8:1:2:3:4:5:6/128', 10, 128, [0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]],
	['::ffff:192.0.2.7/96', 10, 96, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7]],
])('reads %s', (cidr, family, prefix, bytes) => {
	expect(parseAddress(cidr)).toEqual({ family, prefix, bytes });
});

it.each(['fe80::1/64', '', 'x/1'])('leaves out %j', cidr => {
	expect(parseAddress(cidr)).toBeUndefined();
});

it('takes the permanent addresses of global scope only', () => {
	const addr_info = [
		{ family: 'inet', local: '192.0.2.7', prefixlen: 24, scope: 'global' },
		{ family: 'inet', local: '192.0.2.8', prefixlen: 24, scope: 'global', dynamic: true },
		{ family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
		{ family: 'inet6', local: '2001:db8::1', prefixlen: 64, scope: 'global' },
	];
	expect(globalAddresses(JSON.stringify([{ addr_info }, {}]))).toEqual(['192.0.2.7/24', '2001:db8::1/64']);
});
