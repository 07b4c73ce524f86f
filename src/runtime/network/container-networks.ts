import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { type ContainerId, isContainerId } from '../../core/brands.ts';
import { join } from '../../core/paths.ts';
import { whereItIs } from '../../core/where-it-is.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	type StateDirectory,
} from '../../state/state-directory.ts';

/** What a container has of networks now, in its state directory; it changes when the container is connected or disconnected. */
export interface ContainerNetworks {
	readonly version: 1;
	/** Of /etc/hosts, what does not come from networks. */
	readonly hosts: string;
	/** What the container calls itself there. */
	readonly ownNames: string;
	readonly endpoints: readonly EndpointRecord[];
	readonly ports: readonly PortRecord[];
}

export interface EndpointRecord {
	readonly network: string;
	/** As the container sees it: eth0. */
	readonly interface: string;
	readonly hostInterface: string;
	readonly mac: string;
	/** With the length of the prefix: `10.0.0.2/24`. */
	readonly addresses: readonly string[];
	readonly gateways: readonly string[];
	/** By which others of the network find it. */
	readonly names: readonly string[];
}

export interface PortRecord {
	readonly protocol: 'tcp' | 'udp';
	readonly hostAddress: string;
	readonly hostPort: number;
	readonly port: number;
}

/** In a state directory. */
export const NETWORKS_FILE = 'networks.json';

/** Undefined where the container has no networks. */
export function readContainerNetworks(state: StateDirectory, id: ContainerId): ContainerNetworks | undefined {
	return whereItIs(
		() => JSON.parse(readFileSync(join(containerStateDir(state, id), NETWORKS_FILE), 'utf8')) as ContainerNetworks,
	);
}

export function writeContainerNetworks(state: StateDirectory, id: ContainerId, networks: ContainerNetworks): void {
	const path = join(containerStateDir(state, id), NETWORKS_FILE);
	writeFileSync(`${path}.new`, JSON.stringify(networks), { mode: 0o600 });
	renameSync(`${path}.new`, path);
}

/** `<state>/.networks/<network>/<address>` is a link to the id that has the address: as long as the container is there. */
const claimsOf = ({ root }: StateDirectory, network: string): string => join(root, '.networks', network);

/** The containers that hold addresses of a network, running or not. The networks are locked by the caller. */
export function readClaims(state: StateDirectory, network: string): ReadonlyMap<string, ContainerId> {
	const folder = claimsOf(state, network);
	const links = existsSync(folder) ? readdirSync(folder) : [];
	return new Map(
		links.flatMap((address): readonly (readonly [string, ContainerId])[] => {
			const id = readlinkSync(join(folder, address));
			return isContainerId(id) && existsSync(containerStateDir(state, id as ContainerId))
				? [[address, id as ContainerId]]
				: [];
		}),
	);
}

/** Whose container is gone, loses the address here. What a container had of the network before, it has no more. */
export function claimAddresses(state: StateDirectory, network: string, claims: readonly Claim[]): void {
	const folder = claimsOf(state, network);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const [{ id } = { id: '' }] = claims;
	for (const [address, owner] of readClaims(state, network)) {
		if (owner === id) rmSync(join(folder, address), { force: true });
	}
	for (const claim of claims) {
		const link = join(folder, claim.address);
		rmSync(link, { force: true });
		symlinkSync(claim.id, link);
	}
}

export interface Claim {
	readonly address: string;
	readonly id: ContainerId;
}

/** Of a network that goes. @returns the addresses that were somebody's */
export function forgetClaims(state: StateDirectory, network: string): readonly string[] {
	const folder = claimsOf(state, network);
	const addresses = existsSync(folder) ? readdirSync(folder) : [];
	rmSync(folder, { recursive: true, force: true });
	return addresses;
}

export interface Member {
	readonly record: ContainerRecord;
	readonly networks: ContainerNetworks;
	readonly endpoint: EndpointRecord;
}

/** The containers that are in a network and have not ended. @param without those whose end is under way */
export function readMembers(
	state: StateDirectory,
	network: string,
	without: ReadonlySet<string> = new Set(),
): readonly Member[] {
	const ids = [...new Set(readClaims(state, network).values())].filter(id => !without.has(id));
	return ids.flatMap((id): readonly Member[] => {
		const record = readContainer(state, id);
		const networks = readContainerNetworks(state, id);
		const endpoint = networks?.endpoints.find(each => each.network === network);
		if (record === undefined || networks === undefined || endpoint === undefined) return [];
		const isOver = record.status === 'exited' || record.status === 'dead' || record.progress.finished !== undefined;
		return isOver ? [] : [{ record, networks, endpoint }];
	});
}
