import type { ContainerId } from '../../core/brands.ts';
import type { NetworkInput } from '../../plan/network-input.ts';
import { networkHosts } from '../../spec/network-hosts.ts';
import { DEFAULT_NETWORK } from '../../spec/parse-network.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import type { Store } from '../../store/open-store.ts';
import type { StoredNetworks } from '../life/stored-run.ts';
import { type ContainerNetworks, NETWORKS_FILE } from './container-networks.ts';
import { releasePorts } from './hold-ports.ts';
import { lockNetworks, withNetworks } from './network-files.ts';
import { prepareNetworks } from './prepare-networks.ts';
import { ownNames as ownHosts, refreshHosts } from './refresh-hosts.ts';

/** What a run does with a container's networks. The networks are locked from the beginning until `announce` or `giveUp`. */
export interface RunNetworks {
	readonly input: NetworkInput;
	/** Sockets of the published ports: the supervisor's. */
	readonly held: readonly number[];
	/** Text of its /etc/hosts, without others. */
	readonly hosts: string;
	readonly record: ContainerNetworks;
	/** For its state directory. */
	readonly files: { readonly files: Readonly<Record<string, string>> };
	/** For its next run. */
	readonly stored: StoredNetworks;
	/** The state is there: others learn the names, and the next container may choose its addresses. */
	readonly announce: () => void;
	readonly giveUp: () => void;
	/** After the end, where nobody else says it: see `NetworkInput.farewell`. */
	readonly depart: () => void;
}

export interface NetworkSetUp {
	readonly id: ContainerId;
	readonly name: string;
	readonly store: Store;
	readonly state: StateDirectory;
	readonly wanted: StoredNetworks;
	/** argv of the program that is told of the end; it is given the id. */
	readonly farewell: readonly string[];
	/** Looks only. */
	readonly isDry: boolean;
}

/** Decides a container's places in its networks, and holds its ports. */
export function setUpNetworks({ id, name, store, state, wanted, farewell, isDry }: NetworkSetUp): RunNetworks {
	const release = isDry ? () => {} : lockNetworks(store);
	try {
		const { places, hosts, ownNames } = wanted;
		const { input, record, ports } = prepareNetworks({
			id,
			store,
			state,
			isDry,
			requests: places.map(({ request }) => request),
			previous: Object.fromEntries(places.map(({ request, addresses }) => [request.name, addresses])),
			// who is in no network any more has nothing to publish
			ports: places.length === 0 ? [] : wanted.ports,
			names: [name, ...wanted.names],
			hosts,
			ownNames,
			farewell: farewell.length === 0 ? [] : [...farewell, id],
		});
		const named = record.endpoints.map(({ network }) => network).filter(network => network !== DEFAULT_NETWORK);
		return {
			input,
			record,
			files: { files: { [NETWORKS_FILE]: JSON.stringify(record) } },
			held: ports.flatMap(({ fd }) => fd ?? []),
			hosts: networkHosts(record.hosts, ownHosts(record), []),
			stored: {
				...wanted,
				places: places.map(({ request }, index) => ({
					request,
					addresses: record.endpoints[index]?.addresses.map(text => text.replace(/\/.*/, '')) ?? [],
				})),
			},
			announce: () => {
				if (named.length > 0) refreshHosts(state, named);
				release();
			},
			giveUp: () => {
				releasePorts(ports);
				release();
			},
			depart: () => {
				releasePorts(ports);
				if (named.length > 0) withNetworks(store, () => refreshHosts(state, named, new Set([id])));
			},
		};
	} catch (error) {
		release();
		throw error;
	}
}
