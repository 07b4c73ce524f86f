import { parseIp } from '../core/ip-address.ts';
import { badFlag } from './bad-flag.ts';
import type { ExposedPort, PortRequest } from './run-options.ts';

const EXAMPLE = '--publish 127.0.0.1:8080:80/tcp';
const LARGEST = 65_535;

interface Range {
	readonly first: number;
	readonly last: number;
}

/**
 * Reads docker's `-p [ADDRESS:][HOST]:CONTAINER[/PROTOCOL]`, where ports may be ranges; an address of IPv6 stands in brackets. A range on
 * both sides is as many pairs; one of the host's for a single port is a choice.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parsePublish(text: string): readonly PortRequest[] {
	const flag = '--publish';
	const match = /^(?:(?:\[([^\]]*)\]|([0-9.]*)):)?(?:([0-9-]*):)?([0-9-]+)(?:\/(\w+))?$/.exec(text);
	if (match === null)
		throw badFlag(flag, text, { problem: 'is not [ADDRESS:][HOST:]CONTAINER[/PROTOCOL]', example: EXAMPLE });
	const [, ipv6, ipv4, third, containerText = '', protocolText] = match;
	// one colon stands between ports: 8080:80
	const isPort = third === undefined && ipv4 !== undefined && !ipv4.includes('.');
	const [addressText, hostText] = isPort ? [undefined, ipv4] : [ipv6 ?? (ipv4 || undefined), third];
	const protocol = parseProtocol(flag, text, protocolText);
	const container = parseRange(flag, text, containerText);
	const host = hostText === undefined || hostText === '' ? undefined : parseRange(flag, text, hostText);
	const bytes = addressText === undefined ? undefined : parseIp(addressText);
	if (addressText !== undefined && bytes === undefined)
		throw badFlag(flag, text, { problem: `has no IP address, ${JSON.stringify(addressText)}`, example: EXAMPLE });
	const count = container.last - container.first + 1;
	const hostCount = host === undefined ? 0 : host.last - host.first + 1;
	if (host !== undefined && count > 1 && count !== hostCount) {
		throw badFlag(flag, text, { problem: `has ${hostCount} ports of the host for ${count} of the container` });
	}
	const place = addressText === undefined ? {} : { hostAddress: addressText };
	return Array.from({ length: count }, (_, index) => ({
		port: container.first + index,
		protocol,
		...place,
		hostPorts: hostPortsOf(host, count, index),
	}));
}

function hostPortsOf(host: Range | undefined, count: number, index: number): Range {
	if (host === undefined) return { first: 0, last: 0 };
	return count === 1 ? host : { first: host.first + index, last: host.first + index };
}

/** Reads docker's `--expose PORT[-PORT][/PROTOCOL]`, and what an image exposes. @throws TsrunError TSRUN_BAD_FLAG */
export function parseExpose(text: string): readonly ExposedPort[] {
	const flag = '--expose';
	const [ports = '', protocolText, ...rest] = text.split('/');
	if (rest.length > 0 || !/^[0-9-]+$/.test(ports))
		throw badFlag(flag, text, { problem: 'is not PORT[-PORT][/PROTOCOL]', example: '--expose 80/tcp' });
	const protocol = parseProtocol(flag, text, protocolText);
	const { first, last } = parseRange(flag, text, ports);
	return Array.from({ length: last - first + 1 }, (_, index) => ({ port: first + index, protocol }));
}

function parseProtocol(flag: string, text: string, word = 'tcp'): 'tcp' | 'udp' {
	const protocol = word.toLowerCase();
	if (protocol === 'tcp' || protocol === 'udp') return protocol;
	throw badFlag(flag, text, { problem: `has the protocol ${JSON.stringify(word)}; there are tcp and udp` });
}

function parseRange(flag: string, text: string, range: string): Range {
	const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
	const first = Number(match?.[1]);
	const last = Number(match?.[2] ?? match?.[1]);
	if (match !== null && first >= 1 && last <= LARGEST && first <= last) return { first, last };
	throw badFlag(flag, text, {
		problem: `has no port or range of ports from 1 to ${LARGEST}, ${JSON.stringify(range)}`,
		example: EXAMPLE,
	});
}
