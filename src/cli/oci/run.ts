import type { Command } from 'commander';
import { createContainer } from '../../runtime/oci/create-container.ts';
import { rootsOf } from '../roots.ts';
import { addCreateOptions, readCreateOptions } from './create-options.ts';
import { logOf } from './log.ts';
import { reporterOf } from './reporter.ts';

/** `tsrun run --bundle`: create and start in one, in the foreground or detached. */
export function declareCommand(command: Command): void {
	addCreateOptions(command)
		.argument('<id>', 'id of the new container')
		.option('-d, --detach', 'do not wait for the end')
		.option('--keep', 'keep the state of the container after its end')
		.option('--no-subreaper', 'no effect: tsrun reaps nothing but the container')
		.action(async (id: string) => {
			const { detach = false } = command.opts<{ detach?: boolean }>();
			await createContainer({
				stateRoot: rootsOf(command).state,
				id,
				...readCreateOptions(command, detach ? 'detached' : 'supervised'),
				reporter: reporterOf(command),
				log: await logOf(command, 'created'),
			});
		});
}
