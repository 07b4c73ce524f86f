import { closeSync } from 'node:fs';
import { call } from './call.ts';
import { SOCK_CLOEXEC } from './flags.ts';
import { perform } from './perform.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** sizeof(struct sockaddr_in6). */
const ADDRESS_BYTES = 28;

export interface PortAddress {
	readonly protocol: 'tcp' | 'udp';
	/** 4 or 16 bytes; zeros are all addresses of the family. */
	readonly address: Uint8Array;
	/** 0: the kernel chooses. */
	readonly port: number;
}

/**
 * A socket that holds a port, so that nobody else gets it; it never listens. A socket of IPv6 holds the port for IPv6 alone.
 * @returns the descriptor, closed on exec, and the port
 * @throws SystemError `EADDRINUSE`, `EADDRNOTAVAIL`, `EAFNOSUPPORT`
 */
export function holdPort({ protocol, address, port }: PortAddress): { readonly fd: number; readonly port: number } {
	const family = address.length === 4 ? AF_INET : AF_INET6;
	const type = (protocol === 'tcp' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
	const fd = perform(call('socket', family, type, 0), 'socket', { family });
	try {
		if (family === AF_INET6)
			perform(call('setsockopt', fd, IPPROTO_IPV6, IPV6_V6ONLY, Int32Array.of(1), 4), 'setsockopt', { fd });
		const given = socketAddress(family, address, port);
		perform(call('bind', fd, given, given.length), 'bind', { port });
		const found = new Uint8Array(ADDRESS_BYTES);
		perform(call('getsockname', fd, found, Int32Array.of(ADDRESS_BYTES)), 'getsockname', { fd });
		return { fd, port: new DataView(found.buffer).getUint16(2) };
	} catch (error) {
		closeSync(fd);
		throw error;
	}
}

/** struct sockaddr_in, struct sockaddr_in6. */
function socketAddress(family: number, address: Uint8Array, port: number): Uint8Array {
	const bytes = new Uint8Array(family === AF_INET ? 16 : ADDRESS_BYTES);
	bytes[0] = family;
	new DataView(bytes.buffer).setUint16(2, port);
	bytes.set(address, family === AF_INET ? 4 : 8);
	return bytes;
}
