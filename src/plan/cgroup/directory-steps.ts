import type { CgroupHierarchy, HostFacts } from '../host-facts.ts';
import type { Step, StepNotes } from '../step.ts';
import { ancestorsOf, below } from './cgroup-path.ts';
import type { PlacedWrite } from './controller-writes.ts';
import { ALREADY_DECIDED, ALREADY_THERE, CANNOT_BE_ENABLED } from './tolerated.ts';

const MODE = 0o755;
const MAKE_FROM = '/linux/cgroupsPath';

export interface DirectoryRequest {
	readonly facts: HostFacts;
	/** The container's cgroup below each mount. */
	readonly path: string;
	readonly writes: readonly PlacedWrite[];
	readonly ofBundle: boolean;
	/** systemd has made it, and knows that nobody else lives there. */
	readonly inScope: boolean;
}

/** The directories of the container in every hierarchy, with what each needs before a value can be written or a process enter. */
export function directorySteps(request: DirectoryRequest): readonly Step[] {
	const { unified, hierarchies } = request.facts.cgroup;
	return [
		...(unified === undefined ? [] : unifiedDirectory(unified.mountpoint, request)),
		...hierarchies.flatMap(hierarchy => v1Directory(hierarchy, request)),
	];
}

function unifiedDirectory(mountpoint: string, request: DirectoryRequest): readonly Step[] {
	const { path, writes, ofBundle } = request;
	const placed = writes.filter(write => write.version === 2);
	const controllers = [...new Set(placed.flatMap(write => write.controller ?? []))];
	const others = ofBundle ? (request.facts.cgroup.unified?.controllers ?? []) : [];
	const enable = (ancestor: string): readonly Step[] => {
		const file = `${below(mountpoint, ancestor)}/cgroup.subtree_control`;
		const data = controllers.map(name => `+${name}`).join(' ');
		const why = `let the cgroups below use the controllers ${controllers.join(', ')}`;
		const asked = write(file, data, { why, from: placed[0]?.from ?? '/linux/resources' });
		return [...(controllers.length === 0 ? [] : [asked]), ...enableOthers(file, others, controllers)];
	};
	const ancestors = ancestorsOf(path).flatMap(ancestor => [parent(mountpoint, ancestor), ...enable(ancestor)]);
	return [...enable(''), ...ancestors, ...leaf(mountpoint, request)];
}

/** One by one: what the configuration does not need may be missing or impossible here. */
function enableOthers(file: string, all: readonly string[], asked: readonly string[]): readonly Step[] {
	return all
		.filter(name => !asked.includes(name))
		.map(name => {
			const why = `let the cgroups below use the controller ${name}, if they can`;
			return { ...write(file, `+${name}`, { why, from: MAKE_FROM }), tolerate: CANNOT_BE_ENABLED };
		});
}

function v1Directory(hierarchy: CgroupHierarchy, request: DirectoryRequest): readonly Step[] {
	const { mountpoint, controllers } = hierarchy;
	const { path } = request;
	const ancestors = ancestorsOf(path).flatMap((ancestor, index) => [
		parent(mountpoint, ancestor),
		...(index === 0 && controllers.includes('memory') ? useHierarchy(below(mountpoint, ancestor), request) : []),
		...(controllers.includes('cpuset') ? fillCpuset(mountpoint, ancestor, request) : []),
	]);
	const isTop = ancestors.length === 0;
	return [
		...ancestors,
		...leaf(mountpoint, request),
		...(isTop && controllers.includes('memory') ? useHierarchy(below(mountpoint, path), request) : []),
		...(controllers.includes('cpuset') ? fillCpuset(mountpoint, path, request) : []),
	];
}

/** Until Linux 5.11 a v1 memory limit holds for the cgroups that a container makes in its own only when told so. */
function useHierarchy(directory: string, { facts: { kernel } }: DirectoryRequest): readonly Step[] {
	if (kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 11)) return [];
	const why = 'limits hold for the cgroups below too';
	return [{ ...write(`${directory}/memory.use_hierarchy`, '1', { why, from: MAKE_FROM }), tolerate: ALREADY_DECIDED }];
}

/** A new v1 cpuset is empty, and no process enters it before it has CPUs and memory nodes (cpuset(7)). */
function fillCpuset(mountpoint: string, path: string, { facts, path: own, writes }: DirectoryRequest): readonly Step[] {
	const base = facts.cgroup.cpuset ?? { path: '/', cpus: facts.cpus, mems: facts.memoryNodes };
	if (base.path === path || base.path.startsWith(`${path}/`)) return [];
	return (['cpus', 'mems'] as const).flatMap(field => {
		const file = `cpuset.${field}`;
		const isAsked = path === own && writes.some(asked => asked.version === 1 && asked.file === file);
		if (isAsked) return [];
		const why = `an empty cpuset takes no process: give it the ${field} of its parent`;
		return [write(`${below(mountpoint, path)}/${file}`, base[field], { why, from: MAKE_FROM })];
	});
}

function parent(mountpoint: string, path: string): Step {
	const why = 'a cgroup above those of containers';
	return { ...mkdir(below(mountpoint, path), why), tolerate: ALREADY_THERE };
}

/** It must be new or empty: what ends the container kills every process in it. */
function leaf(mountpoint: string, { path, ofBundle, inScope }: DirectoryRequest): readonly Step[] {
	const directory = below(mountpoint, path);
	const make = mkdir(directory, "the container's own cgroup");
	if (inScope) return [{ ...make, tolerate: ALREADY_THERE }];
	if (!ofBundle) return [make];
	const why = 'what ends the container kills every process in it: nobody else may live there';
	return [
		{ ...make, tolerate: ALREADY_THERE },
		{ op: 'requireEmptyCgroup', path: directory, why, from: MAKE_FROM, phase: 'cgroup' },
	];
}

function mkdir(path: string, why: string): Step {
	return { op: 'mkdir', path, mode: MODE, why, from: MAKE_FROM, phase: 'cgroup' };
}

function write(path: string, data: string, notes: Pick<StepNotes, 'why' | 'from'>): Step {
	return { op: 'write', path, data, ...notes, phase: 'cgroup' };
}
