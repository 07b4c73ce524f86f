import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TsrunError } from '../../../src/core/errors.ts';
import { attempt, systemFailure } from '../../../src/core/system-failure.ts';

function thrownBy(work: () => unknown): unknown {
	try {
		return work();
	} catch (error) {
		return error;
	}
}
const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { errno: -28, syscall: 'write' });

describe('an error of the operating system', () => {
	it('names the call and the path where nothing better is known', () => {
		const error = systemFailure(thrownBy(() => readFileSync('/no/such')));
		expect([error?.code, error?.message]).toEqual(['TSRUN_SYSTEM', 'cannot open /no/such: no such file or directory']);
	});

	it('names the action where it is told', () => {
		const what = { code: 'TSRUN_STATE', action: 'make the directory /proc/x', hint: 'choose another' } as const;
		const error = thrownBy(() => attempt(what, () => mkdirSync('/proc/x')));
		expect(error).toBeInstanceOf(TsrunError);
		expect(error).toMatchObject({ code: 'TSRUN_STATE', hint: 'choose another', exitCode: 125 });
		expect((error as Error).message).toBe('cannot make the directory /proc/x: no such file or directory');
	});

	it('says that the disk is full, whatever else was to be tried', () => {
		const error = systemFailure(full, { code: 'TSRUN_STATE', action: 'write the state', hint: 'choose another' });
		expect([error?.message, error?.hint]).toEqual([
			'cannot write the state: no space left on device',
			'the disk, or its quota, is full: see df and df -i',
		]);
	});
});

it('leaves bugs, and what has words, as they are', () => {
	expect(systemFailure(new TypeError('x is not a function'))).toBeUndefined();
	expect(systemFailure(new TsrunError('TSRUN_USAGE', 'x', { cause: full }))).toBeUndefined();
	expect(systemFailure('text')).toBeUndefined();
	const bug = new RangeError('bug');
	const what = { code: 'TSRUN_STATE', action: 'x' } as const;
	expect(
		thrownBy(() =>
			attempt(what, () => {
				throw bug;
			}),
		),
	).toBe(bug);
	expect(attempt(what, () => 7)).toBe(7);
});
