import { isContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { findContainer } from '../../state/find-container.ts';
import { type ContainerRecord, readContainer, type StateDirectory } from '../../state/state-directory.ts';

/**
 * A container by its id, as the OCI command line wants it, or by the name that `tsrun run` gave it.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, with the words that engines look for
 */
export function findBundleContainer(directory: StateDirectory, text: string): ContainerRecord {
	const record = isContainerId(text) ? recordOf(directory, text) : undefined;
	if (record !== undefined) return record;
	throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `container does not exist: ${JSON.stringify(text.slice(0, 80))}`, {
		hint: `tsrun list shows the containers of ${directory.root}`,
		exitCode: 1,
	});
}

function recordOf(directory: StateDirectory, text: string): ContainerRecord | undefined {
	try {
		return readContainer(directory, findContainer(directory, text));
	} catch (error) {
		if (error instanceof TsrunError && error.code === 'TSRUN_NO_SUCH_CONTAINER') return undefined;
		throw error;
	}
}
