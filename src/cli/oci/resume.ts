import type { Command } from 'commander';
import { resumeContainer } from '../../runtime/oci/pause-container.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun resume`: lets the processes of a paused container go on. */
export function declareCommand(command: Command): void {
	command.argument('<id>', 'id of the container').action((id: string) => {
		resumeContainer(rootsOf(command).state, id);
	});
}
