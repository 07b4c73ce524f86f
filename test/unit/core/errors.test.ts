import { describe, expect, it } from 'vitest';
import {
	EXIT_CANNOT_INVOKE,
	EXIT_NOT_FOUND,
	EXIT_SIGNAL_BASE,
	EXIT_TSRUN_FAILED,
	TsrunError,
} from '../../../src/core/errors.ts';

describe('the exit codes', () => {
	it('are those of docker run', () => {
		expect([EXIT_TSRUN_FAILED, EXIT_CANNOT_INVOKE, EXIT_NOT_FOUND, EXIT_SIGNAL_BASE]).toEqual([125, 126, 127, 128]);
	});
});

describe('TsrunError', () => {
	it('is an error with a code, exit code 125 and no hint unless told', () => {
		const error = new TsrunError('TSRUN_X', 'it failed');
		expect(error).toBeInstanceOf(Error);
		expect(error).toMatchObject({ name: 'TsrunError', code: 'TSRUN_X', message: 'it failed', exitCode: 125 });
		expect(error.hint).toBeUndefined();
		expect(Object.hasOwn(error, 'cause')).toBe(false);
	});

	it('keeps hint, exit code and cause', () => {
		const cause = new Error('below');
		const error = new TsrunError('TSRUN_X', 'it failed', { hint: 'try', exitCode: 127, cause });
		expect([error.hint, error.exitCode, error.cause]).toEqual(['try', 127, cause]);
	});
});
