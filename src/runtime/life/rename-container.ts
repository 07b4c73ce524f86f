import { TsrunError } from '../../core/errors.ts';
import { findContainer } from '../../state/find-container.ts';
import { readContainer, renameContainerState, withContainer } from '../../state/state-directory.ts';
import {
	type ContainerNetworks,
	readContainerNetworks,
	writeContainerNetworks,
} from '../network/container-networks.ts';
import { withNetworks } from '../network/network-files.ts';
import { refreshHosts } from '../network/refresh-hosts.ts';
import { openContainerRoots } from '../open-container-roots.ts';
import { readStoredRun, writeStoredRun } from './stored-run.ts';

/**
 * Gives a container another name, whether it runs or not; the others of its networks find it by that from now on.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_NAME_IN_USE, TSRUN_SAME_NAME, TSRUN_UNSUPPORTED
 */
export function renameContainer(
	roots: { readonly data: string; readonly state: string },
	container: string,
	name: string,
): void {
	const { store, state: directory } = openContainerRoots(roots);
	const id = findContainer(directory, container);
	withContainer(directory, id, () => {
		const state = readContainer(directory, id)?.state;
		if (state === undefined) throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${container}`);
		if (state.run === undefined) {
			throw new TsrunError('TSRUN_UNSUPPORTED', `container ${container} is of a bundle: its id is its name`, {
				exitCode: 1,
			});
		}
		if (state.name === name) {
			throw new TsrunError('TSRUN_SAME_NAME', `container ${container} has the name ${name} already`, { exitCode: 1 });
		}
		renameContainerState(directory, state, name);
		const stored = readStoredRun(state.directory);
		if (stored !== undefined) writeStoredRun(state.directory, { ...stored, state: { ...stored.state, name } });
		const networks = readContainerNetworks(directory, id);
		if (networks === undefined) return;
		withNetworks(store, () => {
			writeContainerNetworks(directory, id, renamed(networks, state.name, name));
			refreshHosts(
				directory,
				networks.endpoints.map(({ network }) => network),
			);
		});
	});
}

const renamed = (networks: ContainerNetworks, before: string, name: string): ContainerNetworks => ({
	...networks,
	endpoints: networks.endpoints.map(endpoint => ({
		...endpoint,
		names: [...new Set(endpoint.names.map(each => (each === before ? name : each)))],
	})),
});
