import type { Command } from 'commander';
import { stateOfContainer } from '../../runtime/oci/list-bundles.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun state`: one JSON document (runtime.md, "State"). */
export function declareCommand(command: Command): void {
	command.argument('<id>', 'id of the container').action((id: string) => {
		process.stdout.write(`${JSON.stringify(stateOfContainer(rootsOf(command).state, id), undefined, 2)}\n`);
	});
}
