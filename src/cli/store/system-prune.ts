import { type Command, Option } from 'commander';
import { pruneSystem } from '../../runtime/prune-system.ts';
import type { StoredVolume } from '../../runtime/volumes/list-volumes.ts';
import { ANONYMOUS_LABEL } from '../../store/volume-record.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';
import { confirm } from './confirm.ts';
import { prunedText } from './image-prune.ts';
import { type Accepts, PRUNE_FILTERS, pruneFilters } from './prune-filters.ts';

interface Flags {
	readonly all?: boolean;
	readonly force?: boolean;
	readonly volumes?: boolean;
	readonly filter?: readonly string[];
}

/** `tsrun system prune`: ended containers, images that nothing uses then, what killed commands left. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also images with names')
		.option('-f, --force', 'do not ask')
		.option('--volumes', 'also anonymous volumes')
		.addOption(new Option('--filter <filter>', `${PRUNE_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { all = false, force = false, volumes = false, filter = [] } = command.opts<Flags>();
			const accepts = pruneFilters(filter, Date.now());
			const images = all ? 'all images that no container uses' : 'all images without a name';
			const parts = [
				'all containers that have ended',
				...(volumes ? [ANONYMOUS] : []),
				images,
				'what killed commands left',
			];
			if (!force && !(await confirm(listText(parts)))) return;
			const {
				containers,
				volumes: gone,
				...pruned
			} = await pruneSystem({
				roots: rootsOf(command),
				all,
				accepts,
				acceptsContainer: accepts,
				...(volumes ? { acceptsVolume: isUnneeded(accepts) } : {}),
			});
			const list = (head: string, names: readonly string[]): string =>
				names.length === 0 ? '' : `${head}:\n${names.join('\n')}\n\n`;
			const lists = list('Deleted Containers', containers) + list('Deleted Volumes', gone);
			process.stdout.write(`${lists}${prunedText(pruned)}`);
		});
}

const ANONYMOUS = 'all anonymous volumes that no container uses';

function listText(parts: readonly string[]): string {
	return `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1) ?? ''}`;
}

function isUnneeded(accepts: Accepts): (volume: StoredVolume) => boolean {
	return ({ created, labels }) =>
		Object.hasOwn(labels, ANONYMOUS_LABEL) && accepts({ created: new Date(created).toISOString(), labels });
}
