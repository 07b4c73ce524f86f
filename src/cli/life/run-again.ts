import type { Command } from 'commander';
import { runAgain } from '../../runtime/life/run-again.ts';
import { thisProgram } from '../this-program.ts';

/** Called by a supervisor whose container has ended; not for people. */
export function declareCommand(command: Command): void {
	command
		.argument('<state root>')
		.argument('<id>')
		.action(async (root: string, id: string) => {
			process.exitCode = await runAgain({ root }, id, thisProgram());
		});
}
