import { readFileSync } from 'node:fs';
import type { Subnet } from '../core/ip-address.ts';

export interface HostRoute {
	readonly subnet: Subnet;
	/** The interface that it leads to. */
	readonly device: string;
}

/** Where this machine's own addresses and routes lead, but for default routes, loopback and multicast. */
export function readRoutes(): readonly HostRoute[] {
	return [...parseRoutes(read('/proc/net/route')), ...parseRoutes6(read('/proc/net/ipv6_route'))];
}

/** The text of /proc/net/route: a line of names, then addresses as words of the machine, in hex. */
export function parseRoutes(text: string): readonly HostRoute[] {
	return text
		.split('\n')
		.slice(1)
		.flatMap((line): readonly HostRoute[] => {
			const [device, destination = '', , , , , , mask = ''] = line.split('\t');
			if (device === undefined || destination.length !== 8) return [];
			const prefix = [...wordBytes(mask)].reduce((bits, byte) => bits + onesOf(byte), 0);
			return prefix === 0 ? [] : [{ device, subnet: { base: wordBytes(destination), prefix } }];
		});
}

/** The text of /proc/net/ipv6_route: destination, length, … flags, device. */
export function parseRoutes6(text: string): readonly HostRoute[] {
	return text.split('\n').flatMap((line): readonly HostRoute[] => {
		const fields = line.trim().split(/\s+/);
		const [destination = '', length = ''] = fields;
		const device = fields.at(-1) ?? '';
		const prefix = Number.parseInt(length, 16);
		if (destination.length !== 32 || !(prefix > 0) || device === 'lo' || /^(fe80|ff)/.test(destination)) return [];
		return [{ device, subnet: { base: Uint8Array.from(Buffer.from(destination, 'hex')), prefix } }];
	});
}

const wordBytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex')).reverse();
const onesOf = (byte: number): number => byte.toString(2).replaceAll('0', '').length;

function read(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return ''; // a kernel without IPv6
	}
}
