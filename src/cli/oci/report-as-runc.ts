import { basename } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { systemFailure } from '../../core/system-failure.ts';
import { bareRefusal, type RuncFailure, runcMessage } from '../../explain/runc-message.ts';
import { StepError } from '../../runtime/step-error.ts';
import { reportError } from '../report-error.ts';
import { type LogOptions, logLine } from './log.ts';

/** Called by runc's name, the whole program is runc's command line. */
export const isCalledRunc = (): boolean => basename(process.argv[1] ?? '') === 'runc';

/**
 * One line on standard error, as runc has it: an entry of its log, or the bare message where the log is a file. What was found of
 * the cause is part of it.
 * @param command runc's name of the command that failed
 * @returns the exit code that the error has
 */
export function reportAsRunc(error: unknown, options: LogOptions, command = ''): number {
	const failure = error instanceof TsrunError ? error : systemFailure(error);
	if (failure === undefined) return reportError(error);
	const bare = bareRefusal(wordsOf(failure, command));
	const line = oneLine(runcMessage(wordsOf(failure, command)), failure.hint);
	if (bare !== undefined) process.stderr.write(`${bare}\n`);
	else process.stderr.write(options.file === undefined ? logLine(options, 'error', line) : `${line}\n`);
	return failure.exitCode;
}

function wordsOf(failure: TsrunError, command: string): RuncFailure {
	const { message } = failure;
	return failure instanceof StepError ? { command, message, step: failure } : { command, message };
}

const oneLine = (message: string, hint: string | undefined): string =>
	`${message}${hint === undefined ? '' : ` (${hint})`}`.replaceAll('\n', ' ');
