import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemWords } from '../../core/system-failure.ts';

export interface LogOptions {
	/** Absolute; undefined: standard error only. */
	readonly file?: string;
	readonly format: 'text' | 'json';
}

/** `--log` and `--log-format`, as runc has them. */
export function logOptionsOf(command: Command): LogOptions {
	const { log, logFormat } = command.optsWithGlobals<{ log?: string; logFormat?: string }>();
	const format = logFormat === 'json' ? 'json' : 'text';
	return log === undefined || log === '' ? { format } : { file: resolve(log), format };
}

/**
 * Appends an error to the log file of the caller: engines take their message from there. A log that cannot be written is no
 * reason to fail, as the same is on standard error.
 */
export function logError({ file, format }: LogOptions, message: string): void {
	if (file === undefined) return;
	const time = new Date().toISOString();
	const line =
		format === 'json'
			? JSON.stringify({ level: 'error', msg: message, time })
			: `time=${JSON.stringify(time)} level=error msg=${JSON.stringify(message)}`;
	try {
		appendFileSync(file, `${line}\n`);
	} catch (error) {
		if (systemWords(error) === undefined) throw error;
	}
}
