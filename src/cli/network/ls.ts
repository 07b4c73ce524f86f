import { type Command, Option } from 'commander';
import { readMembers } from '../../runtime/network/container-networks.ts';
import { allNetworks } from '../../runtime/network/describe-network.ts';
import type { NetworkRecord } from '../../runtime/network/network-files.ts';
import type { NetworkPlaces } from '../../runtime/network/remove-network.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { collect, type Filters, labelsMatch, parseFilters } from '../format/parse-filters.ts';
import { printRows } from '../format/print-rows.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly quiet?: boolean;
	readonly trunc: boolean;
	readonly format?: string;
	readonly filter?: readonly string[];
}

const COLUMNS = [
	{ field: 'ID', head: 'NETWORK ID' },
	{ field: 'Name', head: 'NAME' },
	{ field: 'Driver', head: 'DRIVER' },
	{ field: 'Scope', head: 'SCOPE' },
	{ field: 'Subnets', head: 'SUBNETS' },
	{ field: 'IPv6', head: 'IPV6' },
	{ field: 'Internal', head: 'INTERNAL' },
	{ field: 'Labels', head: 'LABELS' },
	{ field: 'CreatedAt', head: 'CREATED AT' },
] as const;
const FILTERS = ['name', 'id', 'label', 'driver', 'dangling'];

/** `tsrun network ls`: the networks of the data root. */
export function declareCommand(command: Command): void {
	command
		.option('-q, --quiet', 'ids only')
		.option('--no-trunc', 'whole ids')
		.option('--format <format>', 'table, json, or a template of Go')
		.addOption(new Option('-f, --filter <filter>', `${FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.action(() => {
			const { quiet, trunc, format, filter = [] } = command.opts<Flags>();
			const places = openContainerRoots(rootsOf(command));
			const filters = parseFilters(filter, FILTERS);
			const rows = allNetworks(places)
				.filter(network => matches(places, network, filters))
				.map(network => rowOf(network, trunc));
			process.stdout.write(
				quiet === true
					? rows.map(({ ID }) => `${ID}\n`).join('')
					: printRows(rows, { format, columns: COLUMNS, shown: ['ID', 'Name', 'Driver', 'Scope', 'Subnets'] }),
			);
		});
}

function matches(places: NetworkPlaces, network: NetworkRecord, filters: Filters): boolean {
	const { name = [], id = [], label = [], driver = [], dangling = [] } = filters;
	const isDangling = (): boolean => network.name !== 'bridge' && readMembers(places.state, network.name).length === 0;
	return (
		(name.length === 0 || name.some(part => network.name.includes(part))) &&
		(id.length === 0 || id.some(part => network.id.startsWith(part))) &&
		labelsMatch(network.labels, label) &&
		driver.every(each => each === 'bridge') &&
		dangling.every(each => String(isDangling()) === each)
	);
}

function rowOf({ id, name, subnets, internal, labels, created }: NetworkRecord, isShort: boolean) {
	return {
		ID: isShort ? id.slice(0, 12) : id,
		Name: name,
		Driver: 'bridge',
		Scope: 'local',
		Subnets: subnets.map(({ subnet }) => subnet).join(','),
		IPv6: String(subnets.some(({ subnet }) => subnet.includes(':'))),
		Internal: String(internal),
		Labels: Object.entries(labels)
			.map(([key, value]) => `${key}=${value}`)
			.join(','),
		CreatedAt: new Date(created).toISOString(),
	};
}
