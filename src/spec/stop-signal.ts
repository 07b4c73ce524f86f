import { TsrunError } from '../core/errors.ts';
import { parseSignal } from './parse-signal.ts';

const SIGTERM = 15;

/**
 * The signal that asks the container to end: the flag's, else the image's, else SIGTERM.
 * @throws TsrunError TSRUN_BAD_IMAGE when the image names a signal that does not exist
 */
export function stopSignal(fromFlag: number | undefined, fromImage: string): number {
	if (fromFlag !== undefined) return fromFlag;
	if (fromImage === '') return SIGTERM;
	const signal = parseSignal(fromImage);
	if (signal === undefined) {
		throw new TsrunError('TSRUN_BAD_IMAGE', `the image's stop signal ${JSON.stringify(fromImage)} is not a signal`, {
			hint: 'say another with --stop-signal',
		});
	}
	return signal;
}
