import { statSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { errorText, reportError } from '../../../src/cli/report-error.ts';
import { EXIT_NOT_FOUND, EXIT_TSRUN_FAILED, TsrunError } from '../../../src/core/errors.ts';
import type { Step } from '../../../src/plan/step.ts';
import { StepError } from '../../../src/runtime/step-error.ts';

afterEach(() => vi.restoreAllMocks());

/** The exit code and what was written to stderr. */
function report(error: unknown): { readonly exitCode: number; readonly text: string } {
	const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	const exitCode = reportError(error);
	return { exitCode, text: write.mock.calls.map(([text]) => String(text)).join('') };
}

describe('errorText', () => {
	it('is one line for what happened and one for what to try', () => {
		expect(errorText({ message: 'it is gone', hint: 'make it again' })).toBe(
			'tsrun: it is gone\n  hint: make it again\n',
		);
		expect(errorText({ message: 'it is gone', hint: undefined })).toBe('tsrun: it is gone\n');
	});

	it('has a line for the step that failed, as the plan has it; the message of a program that failed says all', () => {
		const failed = (step: Step): StepError =>
			new StepError({ list: 'init', step: 3, stepObject: step, errno: 1, message: 'no', hint: 'try', exitCode: 125 });
		const notes = { why: 'a test', phase: 'process' } as const;
		expect(errorText(failed({ op: 'sethostname', name: 'a\u001bb', ...notes }))).toBe(
			'tsrun: no\n  step: sethostname("a\\u001bb")\n  hint: try\n',
		);
		expect(errorText(failed({ op: 'exec', paths: ['/x'], argv: ['x'], env: ['SECRET=1'], ...notes }))).toBe(
			'tsrun: no\n  hint: try\n',
		);
	});
});

describe('reportError', () => {
	it('prints an error for people without a stack, and gives its exit code', () => {
		const error = new TsrunError('TSRUN_X', 'no such thing', { exitCode: EXIT_NOT_FOUND, hint: 'look' });
		expect(report(error)).toEqual({ exitCode: EXIT_NOT_FOUND, text: 'tsrun: no such thing\n  hint: look\n' });
	});

	it('is 125 where an error tells no exit code', () => {
		expect(report(new TsrunError('TSRUN_X', 'failed')).exitCode).toBe(EXIT_TSRUN_FAILED);
	});

	it('words what the operating system refuses, without a stack', () => {
		const missing = (): unknown => {
			try {
				return statSync('/does/not/exist');
			} catch (error) {
				return error;
			}
		};
		const { exitCode, text } = report(missing());
		expect(exitCode).toBe(EXIT_TSRUN_FAILED);
		expect(text).toMatch(/^tsrun: cannot stat \/does\/not\/exist: no such file or directory\n/);
		expect(text).not.toContain('    at ');
	});

	it('shows where a bug is', () => {
		const { exitCode, text } = report(new TypeError('x is not a function'));
		expect(exitCode).toBe(EXIT_TSRUN_FAILED);
		expect(text).toContain('TypeError: x is not a function');
		expect(text).toContain('report-error.test.ts');
	});

	it.each([
		['a string', 'tsrun: a string\n'],
		[undefined, 'tsrun: undefined\n'],
	])('prints even %j when that is thrown', (thrown, text) => {
		expect(report(thrown)).toEqual({ exitCode: EXIT_TSRUN_FAILED, text });
	});
});
