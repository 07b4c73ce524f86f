import { expect } from 'vitest';
import { TsrunError } from '../../../src/core/errors.ts';

/** The error that `act` ends with; fails when there is none or it is not TSRUN_BAD_FLAG naming flag and value. */
export function expectBadFlag(act: () => unknown, flag: string, value: string): TsrunError {
	const error = thrownBy(act);
	expect(error).toBeInstanceOf(TsrunError);
	const bad = error as TsrunError;
	expect(bad.code).toBe('TSRUN_BAD_FLAG');
	expect(bad.message.startsWith(`${flag} ${JSON.stringify(value)} `)).toBe(true);
	return bad;
}

export function thrownBy(act: () => unknown): unknown {
	try {
		act();
	} catch (error) {
		return error;
	}
	return expect.unreachable('nothing was thrown');
}
