import { type Command, Option } from 'commander';
import { listVolumes, type StoredVolume } from '../../runtime/volumes/list-volumes.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { openStore } from '../../store/open-store.ts';
import { collect, labelsMatch, parseFilters } from '../format/parse-filters.ts';
import { type Column, printRows } from '../format/print-rows.ts';
import { rootsOf } from '../roots.ts';

type Field =
	| 'Driver'
	| 'Name'
	| 'Scope'
	| 'Mountpoint'
	| 'Labels'
	| 'Links'
	| 'Size'
	| 'Availability'
	| 'Group'
	| 'Status';

const COLUMNS: readonly Column<Field>[] = [
	{ field: 'Driver', head: 'DRIVER' },
	{ field: 'Name', head: 'VOLUME NAME' },
	{ field: 'Scope', head: 'SCOPE' },
	{ field: 'Mountpoint', head: 'MOUNTPOINT' },
	{ field: 'Labels', head: 'LABELS' },
	{ field: 'Links', head: 'LINKS' },
	{ field: 'Size', head: 'SIZE' },
	{ field: 'Availability', head: 'AVAILABILITY' },
	{ field: 'Group', head: 'GROUP' },
	{ field: 'Status', head: 'STATUS' },
];
const FILTERS = ['dangling', 'driver', 'label', 'name'];

interface Flags {
	readonly quiet?: boolean;
	readonly format?: string;
	readonly filter?: readonly string[];
}

/** `tsrun volume ls`. */
export function declareCommand(command: Command): void {
	command
		.option('-q, --quiet', 'names only')
		.option('--format <format>', 'table, json, or a template of Go')
		.addOption(new Option('-f, --filter <filter>', `${FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(() => {
			const { quiet, format, filter = [] } = command.opts<Flags>();
			const accepts = volumeFilters(filter);
			const volumes = listVolumes(openStore(rootsOf(command).data)).filter(accepts);
			if (quiet === true && format === undefined) process.stdout.write(volumes.map(({ name }) => `${name}\n`).join(''));
			else {
				const shown = ['Driver', 'Name'] as const;
				process.stdout.write(printRows(volumes.map(rowOf), { format, columns: COLUMNS, shown }));
			}
		});
}

/** A name is looked for in any part of a name, as docker has it; of several, one is enough. */
function volumeFilters(words: readonly string[]): (volume: StoredVolume) => boolean {
	const { dangling = [], driver = [], label = [], name: parts = [] } = parseFilters(words, FILTERS);
	const wanted = dangling.map(isDangling);
	return ({ name, labels, users }) =>
		wanted.every(each => each === (users.length === 0)) &&
		driver.every(each => each === 'local') &&
		labelsMatch(labels, label) &&
		(parts.length === 0 || parts.some(part => name.includes(part)));
}

function isDangling(text: string): boolean {
	if (['true', '1'].includes(text)) return true;
	if (['false', '0'].includes(text)) return false;
	throw badFlag('--filter', `dangling=${text}`, {
		problem: 'is neither true nor false',
		example: '--filter dangling=true',
	});
}

function rowOf({ name, labels, mountpoint }: StoredVolume): Record<Field, string> {
	return {
		Driver: 'local',
		Name: name,
		Scope: 'local',
		Mountpoint: mountpoint,
		Labels: Object.entries(labels)
			.map(([key, value]) => `${key}=${value}`)
			.join(','),
		Links: 'N/A',
		Size: 'N/A',
		Availability: 'N/A',
		Group: 'N/A',
		Status: 'N/A',
	};
}
