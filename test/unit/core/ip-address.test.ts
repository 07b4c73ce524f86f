import { expect, it } from 'vitest';
import {
	addressAt,
	contains,
	ipText,
	overlaps,
	parseIp,
	parseSubnet,
	type Subnet,
	sizeOf,
	subnetText,
} from '../../../src/core/ip-address.ts';

const subnet = (text: string): Subnet => {
	const found = parseSubnet(text);
	if (found === undefined) throw new Error(`${text} is no subnet`);
	return found;
};

it.each([
	['10.1.2.3', '10.1.2.3'],
	['::', '::'],
	['::1', '::1'],
	['1::', '1::'],
	['FE80::1:2', 'fe80::1:2'],
	['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
	['1:0:2:0:0:0:3:0', '1:0:2::3:0'],
	['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
	['::ffff:1.2.3.4', '::ffff:102:304'],
	['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
])('reads %s and writes %s', (text, written) => {
	expect(ipText(parseIp(text) ?? new Uint8Array(4))).toBe(written);
});

it.each([
	'',
	'1.2.3',
	'1.2.3.256',
	'01.2.3.4',
	'1::2::3',
	'1:2',
	'1:2:3:4:5:6:7:8:9',
	'1:2:3:4:5:6:7::8:9',
	':1',
	'g::',
	'1.2.3.4::',
	'fe80::1%eth0',
])('%j is no address', text => {
	expect(parseIp(text)).toBeUndefined();
});

it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', 'x/8'])('%j is no subnet', text => {
	expect(parseSubnet(text)).toBeUndefined();
});

it('a subnet begins at its first address', () => {
	expect(subnetText(subnet('172.20.5.3/20'))).toBe('172.20.0.0/20');
	expect(subnetText(subnet('fd00:1:2:3::5/60'))).toBe('fd00:1:2::/60');
});

it.each([
	['10.0.0.0/8', '10.5.0.0/16', true],
	['10.4.0.0/16', '10.5.0.0/16', false],
	['0.0.0.0/0', '10.5.0.0/16', true],
	['10.0.0.0/8', 'fd00::/8', false],
	['fd00::/64', 'fd00::8000:0:0:0/65', true],
])('%s and %s have an address in common: %s', (one, other, expected) => {
	expect(overlaps(subnet(one), subnet(other))).toBe(expected);
	expect(overlaps(subnet(other), subnet(one))).toBe(expected);
});

it('counts addresses', () => {
	expect(ipText(addressAt(subnet('10.0.0.0/8'), 70_000n))).toBe('10.1.17.112');
	expect(ipText(addressAt(subnet('fd00::/64'), (1n << 64n) - 1n))).toBe('fd00::ffff:ffff:ffff:ffff');
	expect(sizeOf(subnet('10.0.0.0/24'))).toBe(256n);
	expect(contains(subnet('10.0.0.0/24'), Uint8Array.of(10, 0, 0, 255))).toBe(true);
	expect(contains(subnet('10.0.0.0/24'), Uint8Array.of(10, 0, 1, 0))).toBe(false);
});
