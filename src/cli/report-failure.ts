import type { Command } from 'commander';
import { reportFailure } from '../runtime/report-failure.ts';
import { logError, logOptionsOf } from './oci/log.ts';
import { reportError } from './report-error.ts';

/** Called by the machine when a step has failed; not for people. */
export function declareCommand(command: Command): void {
	command
		.argument('<state root>')
		.argument('<id>')
		.option('--bundle', 'a container of the OCI command line')
		.action((root: string, id: string) => {
			const { bundle: isBundle = false } = command.opts<{ bundle?: boolean }>();
			const error = reportFailure({ root }, id, { isBundle });
			if (isBundle) logError(logOptionsOf(command), error.message);
			process.exitCode = reportError(error);
			if (isBundle) process.exitCode = 1;
		});
}
