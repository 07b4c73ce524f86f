import { type Command, Option } from 'commander';
import { type PrunedVolumes, pruneVolumes } from '../../runtime/volumes/remove-volumes.ts';
import { openStore } from '../../store/open-store.ts';
import { ANONYMOUS_LABEL } from '../../store/volume-record.ts';
import { collect, labelsMatch, parseFilters } from '../format/parse-filters.ts';
import { sizeText } from '../format/size-text.ts';
import { rootsOf } from '../roots.ts';
import { confirm } from '../store/confirm.ts';

const FILTERS = ['all', 'label', 'label!'];

interface Flags {
	readonly all?: boolean;
	readonly force?: boolean;
	readonly filter?: readonly string[];
}

/** `tsrun volume prune`: anonymous volumes that no container uses, or with `-a` those with names as well. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also those with names')
		.option('-f, --force', 'do not ask')
		.addOption(new Option('--filter <filter>', `${FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { all: allFlag = false, force = false, filter = [] } = command.opts<Flags>();
			const { all: words = [], label = [], 'label!': unlabelled = [] } = parseFilters(filter, FILTERS);
			const all = allFlag || words.some(word => ['1', 'true'].includes(word));
			const which = all ? 'all volumes that no container uses' : 'anonymous volumes that no container uses';
			if (!force && !(await confirm(which))) return;
			const pruned = await pruneVolumes(
				openStore(rootsOf(command).data),
				({ labels }) =>
					(all || Object.hasOwn(labels, ANONYMOUS_LABEL)) &&
					labelsMatch(labels, label) &&
					unlabelled.every(each => !labelsMatch(labels, [each])),
			);
			process.stdout.write(prunedVolumesText(pruned));
		});
}

/** As docker says it. */
export function prunedVolumesText({ names, bytes }: PrunedVolumes): string {
	const list = names.length === 0 ? '' : `Deleted Volumes:\n${names.join('\n')}\n\n`;
	return `${list}Total reclaimed space: ${sizeText(bytes)}\n`;
}
