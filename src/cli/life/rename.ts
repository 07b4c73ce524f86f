import type { Command } from 'commander';
import { renameContainer } from '../../runtime/life/rename-container.ts';
import { parseContainerName } from '../../spec/parse-container-name.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun rename`. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.argument('<name>', 'its new name')
		.action((container: string, name: string) => {
			renameContainer(rootsOf(command), container, parseContainerName(name, 'the new name'));
		});
}
