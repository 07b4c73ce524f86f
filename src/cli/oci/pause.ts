import type { Command } from 'commander';
import { pauseContainer } from '../../runtime/oci/pause-container.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun pause`: stops every process of a container until it is resumed. */
export function declareCommand(command: Command): void {
	command.argument('<id>', 'id of the container').action((id: string) => {
		pauseContainer(rootsOf(command).state, id);
	});
}
