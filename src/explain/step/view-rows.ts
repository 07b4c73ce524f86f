import type { ProcessView, ViewedMount, ViewedProcess } from '../../plan/process-view.ts';
import { capabilityNames } from '../capability-names.ts';
import { printable } from '../printable.ts';
import { shortIds } from './short-ids.ts';

/** One line of the comparison, or several: what is so on the host, and in the container. */
export interface ViewRow {
	readonly topic: Topic;
	readonly host: readonly string[];
	readonly container: readonly string[];
}

export const TOPICS = [
	'namespaces',
	'hostname',
	'root',
	'mounts',
	'ids',
	'capabilities',
	'seccomp',
	'cgroup',
	'processes',
	'network',
] as const;
export type Topic = (typeof TOPICS)[number];

/** How much of long lists is shown. */
export type Detail = 'short' | 'full';

const SHORTEST_LIST = 3;
/** The map of the first user namespace. */
const ALL_IDS = 0xffff_ffff;

/** Host and container side by side, topic by topic. */
export function viewRows(host: ProcessView, container: ProcessView | undefined, detail: Detail): readonly ViewRow[] {
	const shown = (text: string): string => printable(detail === 'short' ? shortIds(text) : text);
	return TOPICS.map(topic => ({
		topic,
		host: CELLS[topic](host, { host: undefined, detail }).map(shown),
		container: container === undefined ? [] : CELLS[topic](container, { host, detail }).map(shown),
	}));
}

interface Beside {
	/** What it is compared with; undefined: it is the host itself. */
	readonly host: ProcessView | undefined;
	readonly detail: Detail;
}

const CELLS: Readonly<Record<Topic, (view: ProcessView, beside: Beside) => readonly string[]>> = {
	namespaces: namespaceCell,
	hostname: ({ hostname }) => [hostname ?? 'unknown'],
	root: ({ mounts: [root], directory }, { host }) => [
		`${root === undefined ? 'none' : whatOf(root)}${host !== undefined && root !== undefined && isSame(root, host.mounts[0]) ? ', as on the host' : ''}`,
		`in ${directory}`,
	],
	mounts: mountCell,
	ids: ({ uid, gid, uidMap }) => [`uid ${uid} gid ${gid}${mapText(uidMap)}`],
	capabilities: ({ effective, bounding }, { detail }) =>
		detail === 'short'
			? [`${countBits(effective)} of ${countBits(bounding)}`]
			: [`effective ${capabilityNames(effective)}`, `bounding ${capabilityNames(bounding)}`],
	seccomp: ({ hasSeccompFilter, noNewPrivileges }) => [
		`${hasSeccompFilter ? 'a filter' : 'no filter'}${noNewPrivileges ? ', no new privileges' : ''}`,
	],
	cgroup: cgroupCell,
	processes: processCell,
	network: ({ interfaces, addresses }) => [[...interfaces, ...addresses].join(' ')],
};

function namespaceCell({ namespaces }: ProcessView, { host, detail }: Beside): readonly string[] {
	const names = Object.keys(namespaces);
	const isOwn = (name: string): boolean => host !== undefined && namespaces[name] !== host.namespaces[name];
	if (detail === 'full') return names.map(name => `${name} ${namespaces[name]}${isOwn(name) ? ' own' : ''}`);
	if (host === undefined) return [names.join(' ')];
	const [own, shared] = [names.filter(isOwn), names.filter(name => !isOwn(name))];
	return [
		own.length === 0 ? 'none of its own' : `own: ${own.join(' ')}`,
		...(shared.length === 0 ? [] : [`the host’s: ${shared.join(' ')}`]),
	];
}

function mountCell({ mounts }: ProcessView, { host, detail }: Beside): readonly string[] {
	const text = (mount: ViewedMount): string => `${mount.mountpoint} ${whatOf(mount)}`;
	if (detail === 'full') return mounts.map(mount => `${text(mount)} ${mount.options.join(',')}`);
	if (host === undefined) return [String(mounts.length)];
	const own = mounts.filter(mount => !host.mounts.some(other => isSame(mount, other)));
	const [newest] = own.slice(-1);
	return [
		`${mounts.length}, ${own.length} not on the host`,
		...(newest === undefined ? [] : [`newest: ${text(newest)}`]),
	];
}

const whatOf = ({ type, source }: ViewedMount): string => (type === source ? type : `${type} ${source}`);

const isSame = (one: ViewedMount, other: ViewedMount | undefined): boolean =>
	one.mountpoint === other?.mountpoint && one.type === other.type && one.source === other.source;

function mapText(map: ProcessView['uidMap']): string {
	if (map.length === 0) return ', no id is mapped';
	const parts = map
		.filter(({ size, containerID, hostID }) => size !== ALL_IDS || containerID !== hostID)
		.map(({ containerID, hostID, size }) => `, ${containerID} is ${hostID} on the host (${size} ids)`);
	return parts.join('');
}

function countBits(mask: bigint): number {
	return mask.toString(2).replaceAll('0', '').length;
}

function cgroupCell({ cgroups }: ProcessView, { detail }: Beside): readonly string[] {
	if (detail === 'full') return Object.entries(cgroups).map(([hierarchy, path]) => `${hierarchy} ${path}`);
	const paths = [...new Set(Object.values(cgroups))];
	const hierarchies = (path: string): readonly string[] => Object.keys(cgroups).filter(name => cgroups[name] === path);
	if (paths.length === 1) return paths;
	return paths.map(path => {
		const names = hierarchies(path);
		const list = names.length > SHORTEST_LIST ? `${names.length} hierarchies` : names.join(' ');
		return `${path} (${list})`;
	});
}

function processCell({ processes }: ProcessView, { detail }: Beside): readonly string[] {
	if (typeof processes === 'number') return [String(processes)];
	const text = ({ pid, inner, name }: ViewedProcess): string =>
		inner === pid ? `${name}, pid ${pid}` : `${name}, pid ${inner}, ${pid} on the host`;
	if (detail === 'full' || processes.length <= SHORTEST_LIST) return processes.map(text);
	return [...processes.slice(0, SHORTEST_LIST).map(text), `and ${processes.length - SHORTEST_LIST} more`];
}
