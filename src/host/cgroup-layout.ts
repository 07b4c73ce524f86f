import type { CgroupFacts, CgroupHierarchy } from '../plan/host-facts.ts';
import type { MountEntry } from './parse-mountinfo.ts';
import type { CgroupMembership } from './parse-proc-cgroup.ts';
import { visibleMounts } from './visible-mounts.ts';

const CGROUP_ROOT = '/sys/fs/cgroup';

/** Which cgroup mounts there are and which of them lead to this process's own cgroups. */
export interface CgroupLayout {
	readonly mode: CgroupFacts['mode'];
	readonly unified?: Omit<CgroupHierarchy, 'controllers' | 'weightFile'>;
	readonly hierarchies: readonly CgroupHierarchy[];
}

/**
 * The layout of /proc/self/mountinfo and /proc/self/cgroup. Of several mounts of one hierarchy (bind mounts, those of nested
 * containers) it takes one that a path reaches and that shows this process's cgroup, then the writable, then the usual place,
 * then the widest view.
 */
export function cgroupLayout(mounts: readonly MountEntry[], memberships: readonly CgroupMembership[]): CgroupLayout {
	const candidates = mounts.filter(mount => mount.type === 'cgroup' || mount.type === 'cgroup2');
	const visible = visibleMounts(candidates, mounts);
	const unifiedMount = bestMount(
		visible.filter(mount => mount.type === 'cgroup2'),
		pathOf(memberships, 0),
	);
	const hierarchies = memberships
		.filter(membership => membership.hierarchy !== 0 && membership.controllers.length > 0)
		.flatMap(membership => {
			const mount = bestMount(
				visible.filter(entry => shows(entry, membership)),
				membership.path,
			);
			return mount === undefined ? [] : [{ mount, membership }];
		})
		.sort((one, other) => mounts.indexOf(one.mount) - mounts.indexOf(other.mount))
		.map(({ mount, membership }) => ({ ...placeOf(mount, membership.path), controllers: membership.controllers }));
	if (unifiedMount === undefined) return { mode: hierarchies.length === 0 ? 'none' : 'legacy', hierarchies };
	const unified = placeOf(unifiedMount, pathOf(memberships, 0));
	// A lone v1 hierarchy (VPN clients mount net_cls) does not make a host of cgroup2 a hybrid one.
	if (hierarchies.length === 0 || unified.mountpoint === CGROUP_ROOT)
		return { mode: 'unified', unified, hierarchies: [] };
	return { mode: 'hybrid', unified, hierarchies };
}

function pathOf(memberships: readonly CgroupMembership[], hierarchy: number): string {
	return memberships.find(membership => membership.hierarchy === hierarchy)?.path ?? '/';
}

function shows(mount: MountEntry, membership: CgroupMembership): boolean {
	return mount.type === 'cgroup' && membership.controllers.every(name => mount.superOptions.includes(name));
}

function placeOf(mount: MountEntry, self: string): Omit<CgroupHierarchy, 'controllers'> {
	return { mountpoint: mount.mountpoint, root: mount.root, self, writable: isWritable(mount) };
}

function isWritable(mount: MountEntry): boolean {
	return !mount.options.includes('ro') && !mount.superOptions.includes('ro');
}

function bestMount(mounts: readonly MountEntry[], self: string): MountEntry | undefined {
	return [...mounts].sort(
		(one, other) => score(other, self) - score(one, self) || one.root.length - other.root.length,
	)[0];
}

function score(mount: MountEntry, self: string): number {
	const usual = mount.mountpoint === CGROUP_ROOT || mount.mountpoint.startsWith(`${CGROUP_ROOT}/`);
	return (contains(mount.root, self) ? 4 : 0) + (isWritable(mount) ? 2 : 0) + (usual ? 1 : 0);
}

/** A root that begins with `/..` lies above the cgroup namespace's, so it holds every path that the namespace can name. */
function contains(root: string, self: string): boolean {
	return root === '/' || root.startsWith('/..') || self === root || self.startsWith(`${root}/`);
}
