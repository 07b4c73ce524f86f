import { closeSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { ipText, parseIp } from '../../core/ip-address.ts';
import { systemWords } from '../../core/system-failure.ts';
import { holdPort } from '../../native/inet-socket.ts';
import type { PortRequest } from '../../spec/run-options.ts';
import { listContainerIds, readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { type PortRecord, readContainerNetworks } from './container-networks.ts';

export interface HeldPort extends PortRecord {
	/** Absent in a plan that is only shown. */
	readonly fd?: number;
}

const EADDRINUSE = 98;
const EADDRNOTAVAIL = 99;
/** So often the kernel chooses again, where its choice for one family is taken in the other. */
const CHOICES = 20;

/**
 * Takes the ports of the host: each is held by a socket of its own, so that no other program gets it, chosen by the kernel where none is
 * named. The sockets are the supervisor's later.
 * @param families for which of them the container has an address
 * @throws TsrunError TSRUN_PORT_IN_USE, TSRUN_PORT
 */
export function holdPorts(
	requests: readonly PortRequest[],
	families: readonly (4 | 16)[],
	state: StateDirectory,
): readonly HeldPort[] {
	const held: HeldPort[] = [];
	try {
		for (const request of requests) held.push(...holdRequest(request, addressesOf(request, families), state));
		return held;
	} catch (error) {
		releasePorts(held);
		throw error;
	}
}

export function releasePorts(ports: readonly HeldPort[]): void {
	for (const { fd } of ports) if (fd !== undefined) closeSync(fd);
}

/** The ports as they are asked for, held by nobody: for plans that are only shown. */
export function plannedPorts(requests: readonly PortRequest[], families: readonly (4 | 16)[]): readonly HeldPort[] {
	return requests.flatMap(request =>
		addressesOf(request, families).map(address => ({
			protocol: request.protocol,
			hostAddress: ipText(address),
			hostPort: request.hostPorts.first,
			port: request.port,
		})),
	);
}

/** All addresses of the host means those of the families that the container has. */
function addressesOf({ hostAddress, port }: PortRequest, families: readonly (4 | 16)[]): readonly Uint8Array[] {
	if (hostAddress === undefined) return families.map(length => new Uint8Array(length));
	const address = parseIp(hostAddress) ?? new Uint8Array(4);
	if (families.some(length => length === address.length)) return [address];
	throw new TsrunError(
		'TSRUN_PORT',
		`port ${port} cannot be published at ${hostAddress}: the container has no such address`,
		{
			hint: 'a network of IPv6 is made by tsrun network create --ipv6',
		},
	);
}

function holdRequest(
	request: PortRequest,
	addresses: readonly Uint8Array[],
	state: StateDirectory,
): readonly HeldPort[] {
	const { first, last } = request.hostPorts;
	for (let port = first, choice = 1; ; ) {
		try {
			return holdEverywhere(request, addresses, port);
		} catch (error) {
			const isTaken = (error as NodeJS.ErrnoException).errno === EADDRINUSE;
			if (isTaken && port === 0 && choice++ < CHOICES) continue;
			if (!isTaken || port === last) throw worded(error, { ...request, wanted: port, addresses, state });
			port++;
		}
	}
}

/** The same port at each address. */
function holdEverywhere(
	{ protocol, port: guestPort }: PortRequest,
	addresses: readonly Uint8Array[],
	port: number,
): readonly HeldPort[] {
	const held: HeldPort[] = [];
	try {
		for (const address of addresses) {
			const found = holdPort({ protocol, address, port: held[0]?.hostPort ?? port });
			held.push({ protocol, hostAddress: ipText(address), hostPort: found.port, port: guestPort, fd: found.fd });
		}
		return held;
	} catch (error) {
		releasePorts(held);
		throw error;
	}
}

interface Refused extends PortRequest {
	readonly wanted: number;
	readonly addresses: readonly Uint8Array[];
	readonly state: StateDirectory;
}

function worded(error: unknown, { hostPorts, protocol, addresses, hostAddress, state }: Refused): unknown {
	const { first, last } = hostPorts;
	const ports = first === last ? `port ${first}/${protocol}` : `each of the ports ${first}-${last}/${protocol}`;
	const where = hostAddress ?? addresses.map(ipText).join(' and ');
	const { errno } = error as NodeJS.ErrnoException;
	if (errno === EADDRINUSE) {
		const owner = ownerOf(state, { first, last, protocol });
		return new TsrunError(
			'TSRUN_PORT_IN_USE',
			`${ports} of ${where} is in use${owner === undefined ? '' : ` by container ${owner}`}`,
			owner === undefined ? { hint: `ss -lnp 'sport = :${first}' shows by whom`, cause: error } : { cause: error },
		);
	}
	const hint = errno === EADDRNOTAVAIL ? { hint: `${where} is no address of this machine` } : {};
	const words = systemWords(error);
	return words === undefined
		? error
		: new TsrunError('TSRUN_PORT', `cannot publish ${ports} at ${where}: ${words}`, { ...hint, cause: error });
}

function ownerOf(
	state: StateDirectory,
	{ first, last, protocol }: { readonly first: number; readonly last: number; readonly protocol: string },
): string | undefined {
	for (const id of listContainerIds(state)) {
		const record = readContainer(state, id);
		if (record?.status !== 'running' && record?.status !== 'creating') continue;
		const ports = readContainerNetworks(state, id)?.ports ?? [];
		if (ports.some(each => each.protocol === protocol && each.hostPort >= first && each.hostPort <= last))
			return record.state.name;
	}
	return undefined;
}
