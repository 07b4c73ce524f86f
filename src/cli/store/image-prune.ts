import { type Command, Option } from 'commander';
import { type PrunedImages, pruneImages } from '../../runtime/prune-images.ts';
import { openStore } from '../../store/open-store.ts';
import { collect } from '../format/parse-filters.ts';
import { sizeText } from '../format/size-text.ts';
import { rootsOf } from '../roots.ts';
import { confirm } from './confirm.ts';
import { PRUNE_FILTERS, pruneFilters } from './prune-filters.ts';

interface Flags {
	readonly all?: boolean;
	readonly force?: boolean;
	readonly filter?: readonly string[];
}

/** `tsrun image prune`: images without a name, or with `-a` all that nothing uses. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also those with names')
		.option('-f, --force', 'do not ask')
		.addOption(new Option('--filter <filter>', `${PRUNE_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(async () => {
			const { all = false, force = false, filter = [] } = command.opts<Flags>();
			const accepts = pruneFilters(filter, Date.now());
			const which = all ? 'all images that no container uses' : 'all images without a name that no container uses';
			if (!force && !(await confirm(which))) return;
			process.stdout.write(prunedText(await pruneImages(openStore(rootsOf(command).data), { all, accepts })));
		});
}

/** As docker says it. */
export function prunedText({ untagged, deleted, bytes }: PrunedImages): string {
	const lines = [...untagged.map(name => `untagged: ${name}`), ...deleted.map(digest => `deleted: ${digest}`)];
	const list = lines.length === 0 ? '' : `Deleted Images:\n${lines.join('\n')}\n\n`;
	return `${list}Total reclaimed space: ${sizeText(bytes)}\n`;
}
