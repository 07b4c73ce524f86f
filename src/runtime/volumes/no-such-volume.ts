import { TsrunError } from '../../core/errors.ts';

export function noSuchVolume(name: string): TsrunError {
	return new TsrunError('TSRUN_NO_SUCH_VOLUME', `no such volume: ${name}`, {
		hint: 'tsrun volume ls lists all',
		exitCode: 1,
	});
}
