import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isContainerId, parseContainerId } from '../../core/brands.ts';
import { join } from '../../core/paths.ts';
import { openStateDirectory, readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { openStore } from '../../store/open-store.ts';
import { forgetGuest } from './connect-network.ts';
import { readContainerNetworks } from './container-networks.ts';
import { withNetworks } from './network-files.ts';
import { refreshHosts } from './refresh-hosts.ts';

/** Containers whose end is under way, by id, until the others know it. */
const departures = ({ root }: StateDirectory): string => join(root, '.networks', '.departing');

/** What was killed here may have left a note of a container that runs again. */
function hasEnded(state: StateDirectory, id: string): boolean {
	if (!isContainerId(id)) return false;
	const record = readContainer(state, parseContainerId(id));
	return record === undefined || record.progress.finished !== undefined;
}

/**
 * Of a container whose end is under way: the others of its networks forget its names, and the rules its addresses, those of networks too
 * that it was connected with later, which its plan does not know. Where many end at once, whoever has the networks next sees to all that
 * wait by then.
 */
export function departFromNetworks(stateRoot: string, dataRoot: string, id: string): void {
	const state = openStateDirectory(stateRoot);
	const folder = departures(state);
	const own = join(folder, parseContainerId(id));
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	writeFileSync(own, '', { mode: 0o600 });
	withNetworks(openStore(dataRoot), () => {
		if (!existsSync(own)) return;
		const leaving = readdirSync(folder).filter(each => each === id || hasEnded(state, each));
		const networks = leaving.flatMap(each => readContainerNetworks(state, parseContainerId(each))?.endpoints ?? []);
		for (const { addresses } of networks) for (const address of addresses) forgetGuest(address);
		refreshHosts(
			state,
			networks.map(({ network }) => network),
			new Set(leaving),
		);
		for (const each of leaving) rmSync(join(folder, each), { force: true });
	});
}
