import { hostsFile, ownNames } from '../../spec/hosts-file.ts';
import { publishedPorts } from '../../spec/published-ports.ts';
import type { StoredNetworks } from '../life/stored-run.ts';
import type { PreparedContainer, RunRequest } from '../prepare-container.ts';
import { type RunNetworks, setUpNetworks } from './set-up-networks.ts';

type Made = Pick<PreparedContainer, 'id' | 'name' | 'image' | 'spec'>;

/** The networks of a new container; of one that starts later nothing is held, and its addresses are chosen then. */
export function runNetworks(request: RunRequest, made: Made): RunNetworks {
	const { store, state, asRoot = false, isForLater = false, farewell = [] } = request;
	const { id, name } = made;
	const wanted = wantedBy(request, made);
	const found = setUpNetworks({ id, name, store, state, farewell, wanted, isDry: asRoot || isForLater });
	return isForLater ? { ...found, stored: wanted, announce: () => {} } : found;
}

function wantedBy({ options }: RunRequest, { id, image, spec }: Made): StoredNetworks {
	const hostname = spec.hostname ?? id.slice(0, 12);
	const requests = options.network.kind === 'networks' ? options.network.networks : [];
	return {
		places: requests.map(request => ({ request, addresses: [] })),
		ports: publishedPorts(options, image.config.config.exposedPorts),
		names: options.hostname === undefined ? [] : [options.hostname],
		hosts: hostsFile({
			hostname,
			domainname: undefined,
			addHosts: options.addHosts,
			loopbackOnly: false,
			networkHost: false,
			hostFile: undefined,
		}),
		ownNames: ownNames(hostname, spec.domainname),
	};
}
