import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { DeviceAddress, NetworkDevice } from '../plan/spec-facts.ts';

interface IpAddress {
	readonly local?: string;
	readonly prefixlen?: number;
	readonly scope?: string;
	/** Not IFA_F_PERMANENT: it was given for a time only. */
	readonly dynamic?: boolean;
}

/** Those of the devices that are there. */
export function readNetworkDevices(names: readonly string[]): Readonly<Record<string, NetworkDevice>> {
	return Object.fromEntries(
		names.flatMap(name => {
			const file = `/sys/class/net/${name}/ifindex`;
			if (!existsSync(file)) return [];
			const addresses = addressesOf(name).flatMap(cidr => parseAddress(cidr) ?? []);
			return [[name, { index: Number(readFileSync(file, 'latin1')), addresses }]];
		}),
	);
}

/**
 * Node tells the addresses of devices with a carrier only, so iproute2 is asked; without it, addresses of devices without a carrier
 * are not known.
 */
function addressesOf(name: string): readonly string[] {
	try {
		const output = execFileSync('ip', ['-json', 'address', 'show', 'dev', name], { encoding: 'utf8', stdio: 'pipe' });
		return globalAddresses(output);
	} catch {
		return (networkInterfaces()[name] ?? []).map(({ cidr }) => cidr ?? '');
	}
}

/** The permanent addresses of global scope in the JSON of ip-address(8). */
export function globalAddresses(json: string): readonly string[] {
	const devices = JSON.parse(json) as readonly { readonly addr_info?: readonly IpAddress[] }[];
	return devices
		.flatMap(({ addr_info = [] }) => addr_info)
		.filter(({ scope, dynamic }) => scope === 'global' && dynamic !== true)
		.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

/** `192.0.2.7/24`, `2001:db8::1/64`; an address of the link alone is made again by the kernel. */
export function parseAddress(cidr: string): DeviceAddress | undefined {
	const [address = '', prefix = ''] = cidr.split('/');
	const version = isIP(address);
	if (version === 4) return { family: 2, prefix: Number(prefix), bytes: address.split('.').map(Number) };
	if (version !== 6 || /^fe[89ab]/i.test(address)) return undefined;
	const [head = '', tail] = address.split('::');
	const words = (part: string): readonly number[] =>
		part
			.split(':')
			.filter(word => word !== '')
			.flatMap(wordsOf);
	const [before, after] = [words(head), words(tail ?? '')];
	const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
	const bytes = [...before, ...zeros, ...after].flatMap(word => [word >> 8, word & 0xff]);
	return { family: 10, prefix: Number(prefix), bytes };
}

/** One group, or two where it is written as IPv4. */
function wordsOf(group: string): readonly number[] {
	if (!group.includes('.')) return [Number.parseInt(group, 16)];
	const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
	return [(a << 8) | b, (c << 8) | d];
}
