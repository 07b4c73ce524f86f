import { expect, it } from 'vitest';
import { parseContainerId } from '../../../../src/core/brands.ts';
import { ipText } from '../../../../src/core/ip-address.ts';
import { chooseAddresses } from '../../../../src/runtime/network/choose-addresses.ts';
import type { NetworkRecord } from '../../../../src/runtime/network/network-files.ts';

const OTHER = parseContainerId('b'.repeat(64));
const NETWORK: NetworkRecord = {
	version: 1,
	name: 'app',
	id: 'a'.repeat(64),
	created: 0,
	bridge: 'tsrun-a',
	subnets: [
		{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' },
		{ subnet: 'fd99::/64', gateway: 'fd99::1' },
	],
	internal: false,
	masquerade: true,
	labels: {},
	options: {},
};
const taken = (...addresses: readonly string[]) => new Map(addresses.map(address => [address, OTHER]));
const chosen = (choice: Partial<Parameters<typeof chooseAddresses>[1]>, network = NETWORK) =>
	chooseAddresses(network, { request: {}, claims: taken(), previous: [], ...choice }).map(({ address }) =>
		ipText(address),
	);

it('is the first in each subnet that is neither the gateway’s nor another container’s', () => {
	expect(chosen({})).toEqual(['10.9.0.2', 'fd99::2']);
	expect(chosen({ claims: taken('10.9.0.2', '10.9.0.3') })).toEqual(['10.9.0.4', 'fd99::2']);
});

it('is the one that the container had, where nobody has it meanwhile', () => {
	const previous = ['10.9.0.7', 'fd99::7'];
	expect(chosen({ previous })).toEqual(previous);
	expect(chosen({ previous, claims: taken('10.9.0.7') })).toEqual(['10.9.0.2', 'fd99::7']);
	// the network was made anew, with another subnet
	expect(chosen({ previous: ['10.8.0.7', '10.9.0.1'] })).toEqual(['10.9.0.2', 'fd99::2']);
});

it('is the one that is asked for, before any other', () => {
	expect(chosen({ request: { ip: '10.9.0.9' }, previous: ['10.9.0.7'] })).toEqual(['10.9.0.9', 'fd99::2']);
	expect(() => chosen({ request: { ip: '10.9.0.9' }, claims: taken('10.9.0.9') })).toThrow(
		'address 10.9.0.9 of network app is in use by container bbbbbbbbbbbb',
	);
});
