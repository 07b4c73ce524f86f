import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from '../../core/paths.ts';
import { networkHosts } from '../../spec/network-hosts.ts';
import { DEFAULT_NETWORK } from '../../spec/parse-network.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { type EndpointRecord, type Member, readMembers } from './container-networks.ts';

/**
 * Writes /etc/hosts of every container in these networks again. The file is bound into the container, so it is changed where it is: one
 * write, filled up with empty lines where there was more, so that who reads meanwhile never misses a line that stays. As with docker
 * the default network has no names. The networks are locked by the caller.
 * @param without containers whose end is under way
 */
export function refreshHosts(
	state: StateDirectory,
	networks: readonly string[],
	without: ReadonlySet<string> = new Set(),
): void {
	const known = new Map<string, readonly Member[]>();
	const membersOf = (network: string): readonly Member[] => {
		const found = known.get(network) ?? readMembers(state, network, without);
		known.set(network, found);
		return found;
	};
	const concerned = new Map(
		networks.flatMap(network => membersOf(network).map(member => [member.record.state.id, member])),
	);
	for (const member of concerned.values()) {
		const { record, networks: own } = member;
		const others = own.endpoints
			.filter(({ network }) => network !== DEFAULT_NETWORK)
			.flatMap(({ network }) => membersOf(network))
			.filter(other => other.record.state.id !== record.state.id)
			.flatMap(({ endpoint }) => namesOf(endpoint, endpoint.names));
		overwrite(join(record.state.directory, 'hosts'), networkHosts(own.hosts, ownNames(own), others));
	}
}

/** The lines of a container's own names. */
export const ownNames = ({ endpoints, ownNames: names }: Member['networks']) =>
	endpoints.flatMap(endpoint => namesOf(endpoint, names.split(' ')));

const namesOf = ({ addresses }: EndpointRecord, names: readonly string[]) =>
	addresses.map(address => ({ address: address.replace(/\/.*/, ''), names }));

/** In one write, where it is; not through a link. */
export function overwrite(path: string, text: string): void {
	let fd: number;
	try {
		fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // its directory is being removed
		throw error;
	}
	try {
		const bytes = Buffer.from(text);
		const { size } = fstatSync(fd);
		// what a container has written there itself is no reason to write much
		const filler = Buffer.alloc(Math.max(0, Math.min(size, 1 << 20) - bytes.length), '\n');
		// Bun heeds the position only where the length is told
		writeSync(fd, Buffer.concat([bytes, filler]), 0, bytes.length + filler.length, 0);
		ftruncateSync(fd, bytes.length);
	} finally {
		closeSync(fd);
	}
}
