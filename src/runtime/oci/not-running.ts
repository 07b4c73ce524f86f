import { TsrunError } from '../../core/errors.ts';

/** The words that containerd and CRI-O look for. */
export function notRunning(): TsrunError {
	return new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', 'container not running', { exitCode: 1 });
}
