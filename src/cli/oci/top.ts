import { type Command, Option } from 'commander';
import { pidsOfContainer, tableOfProcesses } from '../../runtime/oci/list-processes.ts';
import { requireRunning } from '../../runtime/oci/not-running.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun top`: the processes of a container that runs; what follows it is for ps(1) of the host. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.argument('[ps-options...]', 'for ps of the host; -ef unless told')
		.passThroughOptions()
		.addOption(new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table'))
		.action((container: string, words: readonly string[]) => {
			const { format } = command.opts<{ format: string }>();
			const { state } = rootsOf(command);
			requireRunning(state, container);
			const text =
				format === 'json'
					? `${JSON.stringify(pidsOfContainer(state, container))}\n`
					: tableOfProcesses(state, container, words);
			process.stdout.write(text);
		});
}
