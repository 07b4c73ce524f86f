import { type Command, Option } from 'commander';
import { pidsOfContainer, tableOfProcesses } from '../../runtime/oci/list-processes.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun ps ID`: the processes of one container; what follows the id is for ps(1). */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.argument('[ps-options...]', 'for ps of the host; -ef unless told')
		.passThroughOptions()
		.addOption(new Option('-f, --format <format>', 'table or json').choices(['table', 'json']).default('table'))
		.action((id: string, words: readonly string[]) => {
			const { format } = command.opts<{ format: string }>();
			const stateRoot = rootsOf(command).state;
			process.stdout.write(
				format === 'json'
					? `${JSON.stringify(pidsOfContainer(stateRoot, id))}\n`
					: tableOfProcesses(stateRoot, id, words),
			);
		});
}
