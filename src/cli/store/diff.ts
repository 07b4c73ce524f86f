import type { Command } from 'commander';
import { containerChanges, findContainerLayers } from '../../runtime/container-layers.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun diff`: A, C or D and a path, a line for each. */
export function declareCommand(command: Command): void {
	command.argument('<container>', 'name, id or the beginning of an id').action((container: string) => {
		for (const { kind, path } of containerChanges(findContainerLayers(rootsOf(command), container))) {
			process.stdout.write(Buffer.from(`${kind} /${path}\n`, 'latin1'));
		}
	});
}
