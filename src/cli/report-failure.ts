import type { Command } from 'commander';
import { reportFailure } from '../runtime/report-failure.ts';
import { reportError } from './report-error.ts';

/** Called by the machine when a step has failed; not for people. */
export function declareCommand(command: Command): void {
	command
		.argument('<state root>')
		.argument('<id>')
		.action((root: string, id: string) => {
			process.exitCode = reportError(reportFailure({ root }, id));
		});
}
