import type { NetworkInput } from '../../plan/network-input.ts';
import { hostsFile, ownNames } from '../../spec/hosts-file.ts';
import { networkHosts } from '../../spec/network-hosts.ts';
import { DEFAULT_NETWORK } from '../../spec/parse-network.ts';
import type { PreparedContainer, RunRequest } from '../prepare-container.ts';
import { NETWORKS_FILE } from './container-networks.ts';
import { releasePorts } from './hold-ports.ts';
import { lockNetworks, withNetworks } from './network-files.ts';
import { prepareNetworks } from './prepare-networks.ts';
import { ownNames as ownHosts, refreshHosts } from './refresh-hosts.ts';

/** What `run` does with a container's networks. The networks are locked from the beginning until `announce` or `giveUp`. */
export interface RunNetworks {
	readonly input: NetworkInput;
	/** Sockets of the published ports: the supervisor's. */
	readonly held: readonly number[];
	/** Text of its /etc/hosts, without others. */
	readonly hosts: string;
	/** For its state directory. */
	readonly files: { readonly files: Readonly<Record<string, string>> };
	/** The state is there: others learn the names, and the next container may choose its addresses. */
	readonly announce: () => void;
	readonly giveUp: () => void;
	/** After the end, where nobody else says it: see `NetworkInput.farewell`. */
	readonly depart: () => void;
}

export function runNetworks(
	{ options, store, state, asRoot, farewell = [] }: RunRequest,
	{ id, name, image, spec }: Pick<PreparedContainer, 'id' | 'name' | 'image' | 'spec'>,
): RunNetworks {
	const isDry = asRoot === true;
	const release = isDry ? () => {} : lockNetworks(store);
	try {
		const hostname = spec.hostname ?? id.slice(0, 12);
		const { input, record, ports } = prepareNetworks({
			id,
			store,
			state,
			options,
			isDry,
			exposed: image.config.config.exposedPorts,
			names: [name, ...(options.hostname === undefined ? [] : [options.hostname])],
			hosts: hostsFile({
				hostname,
				domainname: undefined,
				addHosts: options.addHosts,
				loopbackOnly: false,
				networkHost: false,
				hostFile: undefined,
			}),
			ownNames: ownNames(hostname, spec.domainname),
			farewell: farewell.length === 0 ? [] : [...farewell, id],
		});
		const named = record.endpoints.map(({ network }) => network).filter(network => network !== DEFAULT_NETWORK);
		return {
			input,
			held: ports.flatMap(({ fd }) => fd ?? []),
			hosts: networkHosts(record.hosts, ownHosts(record), []),
			files: { files: { [NETWORKS_FILE]: JSON.stringify(record) } },
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
				if (named.length > 0) withNetworks(store, () => refreshHosts(state, named, id));
			},
		};
	} catch (error) {
		release();
		throw error;
	}
}
