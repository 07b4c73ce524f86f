import { parseContainerId } from '../../core/brands.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { openStore } from '../../store/open-store.ts';
import { forgetGuest } from './connect-network.ts';
import { readContainerNetworks } from './container-networks.ts';
import { withNetworks } from './network-files.ts';
import { refreshHosts } from './refresh-hosts.ts';

/**
 * Of a container whose end is under way: the others of its networks forget its names, and the rules its addresses, those of networks too
 * that it was connected with later, which its plan does not know.
 */
export function departFromNetworks(stateRoot: string, dataRoot: string, id: string): void {
	const state = openStateDirectory(stateRoot);
	withNetworks(openStore(dataRoot), () => {
		const networks = readContainerNetworks(state, parseContainerId(id))?.endpoints ?? [];
		for (const { addresses } of networks) for (const address of addresses) forgetGuest(address);
		refreshHosts(
			state,
			networks.map(({ network }) => network),
			id,
		);
	});
}
