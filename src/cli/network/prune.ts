import { type Command, Option } from 'commander';
import { pruneNetworks } from '../../runtime/network/remove-network.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';
import { confirm } from '../store/confirm.ts';
import { PRUNE_FILTERS, pruneFilters } from '../store/prune-filters.ts';

/** `tsrun network prune`: all but the default one that no container is in. */
export function declareCommand(command: Command): void {
	command
		.option('-f, --force', 'do not ask')
		.addOption(new Option('--filter <filter>', `${PRUNE_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { force = false, filter = [] } = command.opts<{ force?: boolean; filter?: readonly string[] }>();
			const accepts = pruneFilters(filter, Date.now());
			if (!force && !(await confirm('all networks that no container is in'))) return;
			const removed = pruneNetworks(openContainerRoots(rootsOf(command)), ({ created, labels }) =>
				accepts({ created: new Date(created).toISOString(), labels }),
			);
			if (removed.length > 0) process.stdout.write(`Deleted Networks:\n${removed.join('\n')}\n\n`);
		});
}
