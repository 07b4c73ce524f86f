import { type Command, Option } from 'commander';
import { type ContainerSummary, listContainers } from '../../runtime/list-containers.ts';
import { listImages } from '../../runtime/stored-image-list.ts';
import { parseInteger } from '../../spec/parse-integer.ts';
import { openStore } from '../../store/open-store.ts';
import { UsageCounter } from '../../store/usage-counter.ts';
import { collect, parseFilters } from '../format/parse-filters.ts';
import { printRows } from '../format/print-rows.ts';
import { sizeText } from '../format/size-text.ts';
import { rootsOf } from '../roots.ts';
import { CONTAINER_COLUMNS, type ContainerField, containerRow } from './container-row.ts';
import { CONTAINER_FILTERS, filterContainers } from './filter-containers.ts';

interface Flags {
	readonly all?: boolean;
	readonly quiet?: boolean;
	readonly latest?: boolean;
	readonly last?: string;
	readonly size?: boolean;
	readonly trunc: boolean;
	readonly format?: string;
	readonly filter?: readonly string[];
}

const SHOWN: readonly ContainerField[] = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];

/** `tsrun ps`: running containers, or all with `-a`. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also those that do not run')
		.option('-q, --quiet', 'ids only')
		.option('-l, --latest', 'the newest one, in whatever state')
		.option('-n, --last <number>', 'the newest ones, in whatever state')
		.option('-s, --size', 'what each takes on disk')
		.option('--no-trunc', 'whole ids and commands')
		.addOption(new Option('-f, --filter <filter>', `${CONTAINER_FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.option('--format <format>', 'table, json, or a template of Go')
		.action(() => {
			const flags = command.opts<Flags>();
			const roots = rootsOf(command);
			const containers = chooseContainers(listContainers(roots), flags);
			const sizes = needsSize(flags) ? sizesOf(containers, roots.data) : new Map<string, string>();
			const now = Date.now();
			const rows = containers.map(each =>
				containerRow(each, { trunc: flags.trunc, now, size: sizes.get(each.id) ?? '' }),
			);
			process.stdout.write(
				flags.quiet === true
					? rows.map(({ ID }) => `${ID}\n`).join('')
					: printRows(rows, {
							format: flags.format,
							columns: CONTAINER_COLUMNS,
							shown: flags.size === true ? [...SHOWN, 'Size'] : SHOWN,
						}),
			);
		});
}

/** Who asks for states, or for a number, means those that have ended as well. */
function chooseContainers(
	all: readonly ContainerSummary[],
	{ all: isAll, latest, last, filter = [] }: Flags,
): readonly ContainerSummary[] {
	const filters = parseFilters(filter, CONTAINER_FILTERS);
	const count = latest === true ? 1 : last === undefined ? undefined : countOf(last);
	const found = filterContainers(all, filters);
	if (isAll === true || count !== undefined || filters.status !== undefined) return found.slice(0, count);
	return found.filter(({ status }) => status === 'running' || status === 'paused' || status === 'restarting');
}

/** docker's -1 is for all. */
function countOf(text: string): number {
	const count = parseInteger('--last', text, { min: -1, max: 0x7fff_ffff, example: '5' });
	return count === -1 ? Number.POSITIVE_INFINITY : count;
}

/** It takes a walk through all files, so a template pays for it only where it names the field. */
const needsSize = ({ size, format = '' }: Flags): boolean => size === true || format.includes('.Size');

function sizesOf(containers: readonly ContainerSummary[], data: string): ReadonlyMap<string, string> {
	const images = new Map<string, number>(
		listImages(openStore(data)).map(({ manifestDigest, size }) => [manifestDigest, size]),
	);
	const counter = new UsageCounter();
	return new Map(
		containers
			.filter(({ directory }) => directory !== '')
			.map(({ id, directory, imageDigest }) => {
				const own = counter.count(`${directory}/upper`);
				const image = images.get(imageDigest) ?? 0;
				return [id, `${sizeText(own)} (virtual ${sizeText(own + image)})`];
			}),
	);
}
