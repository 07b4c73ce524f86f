import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemWords } from '../../core/system-failure.ts';
import type { ContainerLog } from '../../runtime/oci/create-container.ts';
import { debugPlan } from '../debug-plan.ts';

export interface LogOptions {
	/** Absolute; undefined: standard error. */
	readonly file?: string;
	readonly format: 'text' | 'json';
	readonly debug: boolean;
}

export type LogLevel = 'debug' | 'warning' | 'error';
/** `--log`, `--log-format` and `--debug`, as runc has them. */
export function logOptionsOf(command: Command): LogOptions {
	const {
		log,
		logFormat,
		debug = false,
	} = command.optsWithGlobals<{ log?: string; logFormat?: string; debug?: boolean }>();
	const options = { format: logFormat === 'json' ? 'json' : 'text', debug } as const;
	return log === undefined || log === '' ? options : { ...options, file: resolve(log) };
}

/** Into the log file of the caller, or to standard error. @param ends of the log of a plan: see {@link debugLines} */
export async function logOf(command: Command, ends: 'created' | 'joined'): Promise<ContainerLog> {
	const options = logOptionsOf(command);
	const write = (level: LogLevel, message: string): void => {
		if (options.file === undefined) process.stderr.write(logLine(options, level, message));
		else append(options.file, logLine(options, level, message));
	};
	const warn = (message: string): void => write('warning', message);
	const tell = await debugPlan();
	if (!options.debug) return tell === undefined ? { warn } : { warn, plan: tell };
	const { debugLines } = await import('../../explain/debug-lines.ts');
	return {
		warn,
		plan: plan => {
			tell?.(plan);
			for (const line of debugLines(plan, ends)) write('debug', line);
		},
	};
}

/** Appends an error to the log file of the caller, if there is one: engines take their message from there. */
export function logError(options: LogOptions, message: string): void {
	if (options.file !== undefined) append(options.file, logLine(options, 'error', message));
}

/** One entry in logrus' form. */
export function logLine({ format }: Pick<LogOptions, 'format'>, level: LogLevel, message: string): string {
	const time = new Date().toISOString();
	if (format === 'json') return `${JSON.stringify({ level, msg: message, time })}\n`;
	return `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(message)}\n`;
}

/** A log that cannot be written is no reason to fail: errors are on standard error too. */
function append(file: string, line: string): void {
	try {
		appendFileSync(file, line);
	} catch (error) {
		if (systemWords(error) === undefined) throw error;
	}
}
