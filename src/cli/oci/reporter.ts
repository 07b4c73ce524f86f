import type { Command } from 'commander';
import { thisProgram } from '../this-program.ts';
import { logOptionsOf } from './log.ts';

/** argv of the program that words a failed step: this one, with the log of the caller. */
export function reporterOf(command: Command): readonly string[] {
	const { file, format } = logOptionsOf(command);
	const log = file === undefined ? [] : ['--log', file, '--log-format', format];
	return [...thisProgram(), ...log, 'report-failure', '--bundle', command.name()];
}
