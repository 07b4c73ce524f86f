import type { Command } from 'commander';
import { startContainer } from '../../runtime/oci/start-container.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun start`: runs the program of a created container. */
export function declareCommand(command: Command): void {
	command.argument('<id>', 'id of the container').action((id: string) => startContainer(rootsOf(command).state, id));
}
