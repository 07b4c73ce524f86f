import type { Command } from 'commander';
import { createContainer } from '../../runtime/oci/create-container.ts';
import { rootsOf } from '../roots.ts';
import { addCreateOptions, readCreateOptions } from './create-options.ts';
import { logOf } from './log.ts';
import { reporterOf } from './reporter.ts';

/** `tsrun create`: a container that waits for its start. */
export function declareCommand(command: Command): void {
	addCreateOptions(command)
		.argument('<id>', 'id of the new container')
		.action(async (id: string) => {
			await createContainer({
				stateRoot: rootsOf(command).state,
				id,
				...readCreateOptions(command, 'created'),
				reporter: reporterOf(command),
				log: await logOf(command, 'created'),
			});
		});
}
