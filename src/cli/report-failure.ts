import type { Command } from 'commander';
import { reportExecFailure, reportFailure } from '../runtime/report-failure.ts';
import { logError, logOptionsOf } from './oci/log.ts';
import { isCalledRunc, reportAsRunc } from './oci/report-as-runc.ts';
import { reportError } from './report-error.ts';

/** Called by the machine when a step has failed; not for people. */
export function declareCommand(command: Command): void {
	command
		.argument('<state root>')
		.argument('<id>')
		.option('--bundle <command>', 'of the OCI command line, for a container of a bundle')
		.option('--exec <directory>', 'a further process of one')
		.action((root: string, id: string) => {
			const { bundle, exec } = command.opts<{ bundle?: string; exec?: string }>();
			const isBundle = bundle !== undefined;
			const error =
				exec === undefined ? reportFailure({ root }, id, { isBundle }) : reportExecFailure(exec, { isBundle });
			if (isBundle) logError(logOptionsOf(command), error.message);
			process.exitCode =
				isBundle && isCalledRunc() ? reportAsRunc(error, logOptionsOf(command), bundle) : reportError(error);
			if (isBundle) process.exitCode = exec === undefined ? 1 : 255;
		});
}
