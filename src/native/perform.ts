import { type CallArguments, SystemError } from './system-error.ts';

/**
 * What a function of the addon returned, where it is not a negative errno.
 * @throws SystemError
 */
export function perform(result: number, syscall: string, args: CallArguments): number {
	if (result < 0) throw new SystemError(-result, syscall, args);
	return result;
}
