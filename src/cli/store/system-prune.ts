import { type Command, Option } from 'commander';
import { pruneSystem } from '../../runtime/prune-system.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';
import { confirm } from './confirm.ts';
import { prunedText } from './image-prune.ts';
import { PRUNE_FILTERS, pruneFilters } from './prune-filters.ts';

interface Flags {
	readonly all?: boolean;
	readonly force?: boolean;
	readonly filter?: readonly string[];
}

/** `tsrun system prune`: ended containers, images that nothing uses then, what killed commands left. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also images with names')
		.option('-f, --force', 'do not ask')
		.option('--volumes', 'accepted: anonymous volumes end with their container')
		.addOption(new Option('--filter <filter>', `${PRUNE_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { all = false, force = false, filter = [] } = command.opts<Flags>();
			const accepts = pruneFilters(filter, Date.now());
			const images = all ? 'all images that no container uses' : 'all images without a name';
			if (!force && !(await confirm(`all containers that have ended, ${images}, and what killed commands left`)))
				return;
			const { containers, ...pruned } = await pruneSystem({
				roots: rootsOf(command),
				all,
				accepts,
				acceptsContainer: accepts,
			});
			const list = containers.length === 0 ? '' : `Deleted Containers:\n${containers.join('\n')}\n\n`;
			process.stdout.write(`${list}${prunedText(pruned)}`);
		});
}
