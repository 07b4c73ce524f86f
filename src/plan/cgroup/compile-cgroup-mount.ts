import { normalPath } from '../../core/paths.ts';
import type { Mount } from '../../oci/runtime-spec.ts';
import type { CgroupHierarchy, HostFacts } from '../host-facts.ts';
import { MS } from '../linux-constants.ts';
import type { Step, StepOf } from '../step.ts';
import type { CgroupPlan } from './compile-cgroup.ts';

export interface CompileCgroupMountRequest {
	/** Of type `cgroup` or `cgroup2`. */
	readonly mount: Mount;
	/** Its place in `spec.mounts`. */
	readonly index: number;
	readonly facts: HostFacts;
	readonly cgroup: CgroupPlan;
	/** Whether the container has a cgroup namespace of its own: then the mounts themselves show only its cgroup. */
	readonly cgroupns: boolean;
}

const SAFE = MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.RELATIME;

interface Place {
	readonly target: string;
	readonly from: string;
	readonly readonly: boolean;
	readonly cgroupns: boolean;
	readonly cgroup: CgroupPlan;
}

/**
 * The cgroup file systems that the container sees (config-linux.md, "Default Filesystems"): cgroup2 alone, or for v1 a tmpfs
 * with one directory for each hierarchy, as on the host. A v1 hierarchy without a cgroup namespace is a bind of the
 * container's own cgroup, so that its release_agent and the cgroups of others are out of reach (CVE-2022-0492).
 */
export function compileCgroupMount(request: CompileCgroupMountRequest): readonly Step[] {
	const { mount, index, facts, cgroup, cgroupns } = request;
	const place: Place = {
		target: normalPath(mount.destination),
		from: `/mounts/${index}`,
		readonly: (mount.options ?? []).findLast(option => option === 'ro' || option === 'rw') === 'ro',
		cgroupns,
		cgroup,
	};
	const { mode, hierarchies } = facts.cgroup;
	const target = mkdir(place, place.target, 'a directory to mount the cgroups on');
	if (mode === 'unified' || mount.type === 'cgroup2') return [target, ...unifiedSteps(place, place.target)];
	return [
		target,
		mountStep(
			place,
			{ source: 'tmpfs', target: place.target, type: 'tmpfs', flags: SAFE, data: 'mode=755' },
			'a directory for each cgroup hierarchy',
		),
		...hierarchies.flatMap(hierarchy => hierarchySteps(place, hierarchy)),
		...(mode === 'hybrid'
			? [
					mkdir(place, `${place.target}/unified`, 'a directory for cgroup2'),
					...unifiedSteps(place, `${place.target}/unified`),
				]
			: []),
		...hierarchies.flatMap(hierarchy => linkSteps(place, hierarchy, hierarchies)),
		...(place.readonly ? [remountReadonly(place, place.target)] : []),
	];
}

function unifiedSteps(place: Place, target: string): readonly Step[] {
	const own = place.cgroup.paths.unified;
	// The whole of cgroup2 without a namespace is the host's: there the container gets its own cgroup and no more.
	if (!place.cgroupns && own !== undefined) return bindSteps(place, own, target);
	const flags = SAFE | (place.readonly ? MS.RDONLY : 0);
	return [mountStep(place, { source: 'cgroup', target, type: 'cgroup2', flags, data: '' }, "the container's cgroup2")];
}

function hierarchySteps(place: Place, { mountpoint, controllers }: CgroupHierarchy): readonly Step[] {
	const target = `${place.target}/${nameOf(mountpoint)}`;
	const directory = mkdir(place, target, `a directory for the cgroup hierarchy ${controllers.join(',')}`);
	const own = place.cgroup.paths[controllers[0] ?? ''];
	if (!place.cgroupns && own !== undefined) return [directory, ...bindSteps(place, own, target)];
	const flags = SAFE | (place.readonly ? MS.RDONLY : 0);
	const data = controllers.join(',');
	return [
		directory,
		mountStep(place, { source: 'cgroup', target, type: 'cgroup', flags, data }, `the cgroup hierarchy ${data}`),
	];
}

function bindSteps(place: Place, source: string, target: string): readonly Step[] {
	const flags = MS.REMOUNT | MS.BIND | SAFE | (place.readonly ? MS.RDONLY : 0);
	return [
		mountStep(
			place,
			{ source, target, type: '', flags: MS.BIND, data: '' },
			"the container's own cgroup and none above it",
		),
		mountStep(
			place,
			{ source: '', target, type: '', flags, data: '' },
			'a bind mount takes its flags only by a second call',
		),
	];
}

/** Programs look for each controller by its own name where several share a directory: cpu → cpu,cpuacct. */
function linkSteps(
	place: Place,
	{ mountpoint, controllers }: CgroupHierarchy,
	all: readonly CgroupHierarchy[],
): readonly Step[] {
	const name = nameOf(mountpoint);
	const taken = all.map(hierarchy => nameOf(hierarchy.mountpoint));
	return controllers
		.filter(controller => !controller.startsWith('name=') && !taken.includes(controller))
		.map(controller => ({
			op: 'symlinkInRoot',
			target: name,
			path: `${place.target}/${controller}`,
			why: `${controller} shares the hierarchy ${name}`,
			from: place.from,
			phase: 'mounts',
		}));
}

function remountReadonly(place: Place, target: string): Step {
	const flags = MS.REMOUNT | MS.BIND | MS.RDONLY | SAFE;
	return mountStep(
		place,
		{ source: '', target, type: '', flags, data: '' },
		'the directories are complete: no more changes',
	);
}

function nameOf(mountpoint: string): string {
	return mountpoint.slice(mountpoint.lastIndexOf('/') + 1);
}

function mkdir({ from }: Place, path: string, why: string): Step {
	return { op: 'mkdirInRoot', path, mode: 0o755, why, from, phase: 'mounts' };
}

type MountArguments = Pick<StepOf<'mountInRoot'>, 'source' | 'target' | 'type' | 'flags' | 'data'>;

function mountStep({ from }: Place, args: MountArguments, why: string): Step {
	return { op: 'mountInRoot', ...args, resolve: 0, why, from, phase: 'mounts' };
}
