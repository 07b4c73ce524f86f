import type { StateDirectory } from '../../state/state-directory.ts';
import { findBundleContainer } from '../oci/find-bundle-container.ts';

/** Whether a container is one of `tsrun run`: where runc and docker have a command of one name, docker's is meant then. */
export function isOfRun(directory: StateDirectory, container: string): boolean {
	return findBundleContainer(directory, container).state.run !== undefined;
}
