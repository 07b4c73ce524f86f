import { openStateDirectory, type StateDirectory } from '../state/state-directory.ts';
import { openStore, type Store } from '../store/open-store.ts';

/** Opens the two places of tsrun: the store, and the state of containers. */
export function openContainerRoots(roots: { readonly data: string; readonly state: string }): {
	readonly store: Store;
	readonly state: StateDirectory;
} {
	return { store: openStore(roots.data), state: openStateDirectory(roots.state) };
}
