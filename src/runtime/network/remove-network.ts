import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { requestNetlink } from '../../native/netlink-socket.ts';
import { ERRNO } from '../../plan/linux-constants.ts';
import { netfilterBatch } from '../../plan/netfilter/batch.ts';
import { bridgeElements } from '../../plan/netfilter/network-elements.ts';
import { deleteElement } from '../../plan/netfilter/table-objects.ts';
import { removeIfUnused } from '../../plan/netfilter/tsrun-table.ts';
import { deleteLinkMessage } from '../../plan/netlink/bridge-message.ts';
import { reconcile } from '../../state/reconcile.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import type { Store } from '../../store/open-store.ts';
import { forgetGuest } from './connect-network.ts';
import { forgetClaims, readMembers } from './container-networks.ts';
import { findNetwork, forgetNetwork, listNetworks, type NetworkRecord, withNetworks } from './network-files.ts';

export interface NetworkPlaces {
	readonly store: Store;
	readonly state: StateDirectory;
}

/**
 * Removes a network that no container is in, with its bridge. The default network is made again when somebody asks for it.
 * @throws TsrunError TSRUN_NO_SUCH_NETWORK, TSRUN_NETWORK_IN_USE
 */
export function removeNetwork(places: NetworkPlaces, text: string): void {
	reconcile(places.state, runTeardown);
	withNetworks(places.store, () => {
		const network = findNetwork(places.store, text);
		const [member] = readMembers(places.state, network.name);
		if (member !== undefined) {
			throw new TsrunError(
				'TSRUN_NETWORK_IN_USE',
				`network ${network.name} is in use by container ${member.record.state.name}`,
				{
					hint: `tsrun network disconnect ${network.name} ${member.record.state.name} takes it out`,
					exitCode: 1,
				},
			);
		}
		remove(places, network);
	});
}

/** Those that no container is in, but for the default network. @returns their names */
export function pruneNetworks(places: NetworkPlaces, accepts: (network: NetworkRecord) => boolean): readonly string[] {
	reconcile(places.state, runTeardown);
	return withNetworks(places.store, () => {
		const unused = listNetworks(places.store).filter(
			network => network.name !== 'bridge' && accepts(network) && readMembers(places.state, network.name).length === 0,
		);
		for (const network of unused) remove(places, network);
		return unused.map(({ name }) => name);
	});
}

function remove({ store, state }: NetworkPlaces, { name, bridge, internal }: NetworkRecord): void {
	for (const element of bridgeElements({ bridge, internal })) {
		tolerating([ERRNO.ENOENT], () => requestNetlink('netfilter', netfilterBatch([deleteElement(element)])));
	}
	tolerating([ERRNO.ENODEV], () => requestNetlink('route', deleteLinkMessage({ name: bridge })));
	for (const address of forgetClaims(state, name)) forgetGuest(address);
	tolerating([ERRNO.ENOENT, ERRNO.EBUSY], () => requestNetlink('netfilter', netfilterBatch(removeIfUnused())));
	forgetNetwork(store, name);
}

function tolerating(errnos: readonly number[], work: () => void): void {
	try {
		work();
	} catch (error) {
		if (!errnos.includes(Math.abs((error as NodeJS.ErrnoException).errno ?? 0))) throw error;
	}
}
