import { dirname } from 'node:path';
import { join } from '../../core/paths.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { openStore } from '../../store/open-store.ts';
import { type StoredRun, writeStoredRun } from '../life/stored-run.ts';
import { writeContainerNetworks } from './container-networks.ts';
import { overwrite } from './refresh-hosts.ts';
import { type RunNetworks, setUpNetworks } from './set-up-networks.ts';

/**
 * The networks of a container that runs once more: its bridges are there, its ports are held, its addresses are its own again. Nothing
 * where it is in none.
 * @param program argv of this program
 * @throws TsrunError TSRUN_NO_SUCH_NETWORK, TSRUN_PORT_IN_USE, TSRUN_ADDRESS_IN_USE, TSRUN_NO_ADDRESS
 */
export function networksAgain(
	directory: StateDirectory,
	stored: StoredRun,
	program: readonly string[],
): RunNetworks | undefined {
	const { state, networks } = stored;
	if (networks === undefined) return undefined;
	const store = openStore(dataRootOf(state.directory));
	return setUpNetworks({
		id: state.id,
		name: state.name,
		store,
		state: directory,
		wanted: networks,
		farewell: program.length === 0 ? [] : [...program, 'network-left', directory.root, store.root],
		isDry: false,
	});
}

/** What the next run is to find of the networks of this one. */
export function keepNetworks(
	directory: StateDirectory,
	stored: StoredRun,
	{ record, hosts, stored: networks }: RunNetworks,
): void {
	const { id, directory: own } = stored.state;
	writeStoredRun(own, { ...stored, networks });
	writeContainerNetworks(directory, id, record);
	overwrite(join(own, 'hosts'), hosts);
}

/** A container's directory is `<data root>/containers/<id>`. */
const dataRootOf = (directory: string): string => dirname(dirname(directory));
