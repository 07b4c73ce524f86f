import { type Command, Option } from 'commander';
import { pruneContainers } from '../runtime/prune-containers.ts';
import { collect } from './format/parse-filters.ts';
import { sizeText } from './format/size-text.ts';
import { rootsOf } from './roots.ts';
import { confirm } from './store/confirm.ts';
import { PRUNE_FILTERS, pruneFilters } from './store/prune-filters.ts';

/** `tsrun container prune`: containers that have ended, or were never started. */
export function declareCommand(command: Command): void {
	command
		.option('-f, --force', 'do not ask')
		.addOption(new Option('--filter <filter>', `${PRUNE_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { force = false, filter = [] } = command.opts<{ force?: boolean; filter?: readonly string[] }>();
			const accepts = pruneFilters(filter, Date.now());
			if (!force && !(await confirm('all containers that do not run'))) return;
			const { containers, bytes } = await pruneContainers({ roots: rootsOf(command), accepts });
			const list = containers.length === 0 ? '' : `Deleted Containers:\n${containers.join('\n')}\n\n`;
			process.stdout.write(`${list}Total reclaimed space: ${sizeText(bytes)}\n`);
		});
}
