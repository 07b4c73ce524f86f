import { basename } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { systemFailure } from '../../core/system-failure.ts';
import { reportError } from '../report-error.ts';
import { type LogOptions, logLine } from './log.ts';

/** Called by runc's name, the whole program is runc's command line. */
export const isCalledRunc = (): boolean => basename(process.argv[1] ?? '') === 'runc';

/**
 * One line on standard error, as runc has it: an entry of its log, or the bare message where the log is a file. What was found of
 * the cause is part of it.
 * @returns the exit code that the error has
 */
export function reportAsRunc(error: unknown, options: LogOptions): number {
	const failure = error instanceof TsrunError ? error : systemFailure(error);
	if (failure === undefined) return reportError(error);
	const line = oneLine(failure);
	process.stderr.write(options.file === undefined ? logLine(options, 'error', line) : `${line}\n`);
	return failure.exitCode;
}

const oneLine = ({ message, hint }: TsrunError): string =>
	`${message}${hint === undefined ? '' : ` (${hint})`}`.replaceAll('\n', ' ');
