import { TsrunError } from '../../core/errors.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { findBundleContainer } from './find-bundle-container.ts';

/** The words that containerd and CRI-O look for. */
export function notRunning(): TsrunError {
	return new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', 'container not running', { exitCode: 1 });
}

/** @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING, as docker says it */
export function requireRunning(stateRoot: string, container: string): void {
	if (findBundleContainer(openStateDirectory(stateRoot), container).status === 'running') return;
	throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${container} is not running`, { exitCode: 1 });
}
