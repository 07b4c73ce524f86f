import type { Command } from 'commander';
import { deleteContainer } from '../../runtime/oci/delete-container.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun delete`: removes what is left of a container that has ended. */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.option('-f, --force', 'kill it first where it has not ended')
		.action(async (container: string) => {
			const { force = false } = command.opts<{ force?: boolean }>();
			await deleteContainer({ roots: rootsOf(command), container, force });
		});
}
