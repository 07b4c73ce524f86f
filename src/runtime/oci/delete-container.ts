import { TsrunError } from '../../core/errors.ts';
import { openStateDirectory, withContainer } from '../../state/state-directory.ts';
import { removeContainer } from '../remove-container.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { loadStopScope, removeBundle } from './remove-bundle.ts';

export interface DeleteRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly container: string;
	/** Kills it where it has not ended; one that does not exist is no error. */
	readonly force: boolean;
}

/**
 * runc's `delete`: the teardown of the stored plan, then the state. Can be repeated, whatever a killed one has left.
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_NO_SUCH_CONTAINER
 */
export async function deleteContainer({ roots, container, force }: DeleteRequest): Promise<void> {
	const directory = openStateDirectory(roots.state);
	try {
		const record = findBundleContainer(directory, container);
		if (record.state.bundle === undefined) {
			await removeContainer({ roots, container, force });
			return;
		}
		const stopScope = await loadStopScope(record);
		withContainer(directory, record.state.id, () => removeBundle(directory, record.state.id, { force, stopScope }));
	} catch (error) {
		if (!(force && error instanceof TsrunError && error.code === 'TSRUN_NO_SUCH_CONTAINER')) throw error;
	}
}
