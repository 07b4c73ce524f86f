import { isTerminal } from '../native/syscalls.ts';
import { openStateDirectory, type StateDirectory } from '../state/state-directory.ts';
import { openStore, type Store } from '../store/open-store.ts';

/** Opens the two places of tsrun: the store, and the state of containers. */
export function openContainerRoots(roots: { readonly data: string; readonly state: string }): {
	readonly store: Store;
	readonly state: StateDirectory;
} {
	return { store: openStore(roots.data), state: openStateDirectory(roots.state) };
}

/** Which of this process's standard streams are terminals. */
export function standardTerminals(): readonly [stdin: boolean, stdout: boolean, stderr: boolean] {
	return [isTerminal(0), isTerminal(1), isTerminal(2)];
}
