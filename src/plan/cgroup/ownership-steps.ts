import type { IdMapping, RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { CgroupFacts } from '../host-facts.ts';
import { ERRNO } from '../linux-constants.ts';
import type { Step } from '../step.ts';
import { below } from './cgroup-path.ts';

/** As chown(2) has it: the group stays. */
const SAME_GROUP = 2 ** 32 - 1;
const CGROUP_MOUNT = '/sys/fs/cgroup';

/**
 * Gives a container of a user namespace its own cgroup2, to make cgroups in (config-linux.md, "Cgroup ownership"): only where
 * its cgroup namespace is new and it may write to /sys/fs/cgroup, and only the files that the kernel says can be given away.
 */
export function ownershipSteps(spec: RuntimeSpec, { mode, unified }: CgroupFacts, path: string): readonly Step[] {
	const owner = hostId(spec.process?.user.uid ?? 0, spec.linux?.uidMappings ?? []);
	if (mode !== 'unified' || unified === undefined || owner === undefined || !mayManage(spec)) return [];
	const directory = below(unified.mountpoint, path);
	return [directory, ...(unified.delegate ?? []).map(file => `${directory}/${file}`)].map(each => ({
		op: 'chown',
		path: each,
		uid: owner,
		gid: SAME_GROUP,
		why: 'the container may make cgroups in its own',
		from: '/linux/uidMappings',
		tolerate: [ERRNO.ENOENT],
		phase: 'cgroup',
	}));
}

function mayManage({ linux, mounts = [] }: RuntimeSpec): boolean {
	const isPrivate = (linux?.namespaces ?? []).some(({ type, path }) => type === 'cgroup' && path === undefined);
	return (
		isPrivate &&
		mounts.some(
			({ destination, type, options = [] }) =>
				destination === CGROUP_MOUNT && /^cgroup2?$/.test(type ?? '') && !options.includes('ro'),
		)
	);
}

function hostId(id: number, mappings: readonly IdMapping[]): number | undefined {
	const mapping = mappings.find(({ containerID, size }) => containerID <= id && id < containerID + size);
	return mapping === undefined ? undefined : mapping.hostID + id - mapping.containerID;
}
