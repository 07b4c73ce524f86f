import type { Namespace, RuntimeSpec, SpecNamespaceType } from '../oci/runtime-spec.ts';
import { CLONE } from './linux-constants.ts';
import type { Step } from './step.ts';

export const NAMESPACE_FLAGS: Readonly<Record<SpecNamespaceType, number>> = {
	user: CLONE.NEWUSER,
	mount: CLONE.NEWNS,
	uts: CLONE.NEWUTS,
	ipc: CLONE.NEWIPC,
	pid: CLONE.NEWPID,
	network: CLONE.NEWNET,
	cgroup: CLONE.NEWCGROUP,
	time: CLONE.NEWTIME,
};

export interface NamespacePlan {
	readonly isNew: (type: SpecNamespaceType) => boolean;
	/** Flags of the clone step. */
	readonly cloneFlags: number;
	/** Host side, before the clone: only a child can be in another pid or time namespace. */
	readonly join: readonly Step[];
	/** Host side, after the clone: what else the machine starts, such as hooks, is of the host again. */
	readonly return: readonly Step[];
	/** Init, once it is in its cgroup: joins the others. */
	readonly enter: readonly Step[];
	/** Flags that init unshares itself, once it is in its cgroup and its user namespace has ids. */
	readonly unshareFlags: number;
	readonly idMaps: readonly Step[];
	readonly timeOffsets: readonly Step[];
	readonly isUser: boolean;
}

/**
 * Divides the namespaces of a configuration (config-linux.md "Namespaces") between clone(2), setns(2) and unshare(2).
 * A cgroup namespace shows the cgroup that its maker is in, so init makes it after it was attached. With a user namespace the
 * mount namespace comes later too: the overlay is mounted from outside, where the layers' ids can be mapped.
 */
export function compileNamespaces(spec: RuntimeSpec): NamespacePlan {
	const namespaces = spec.linux?.namespaces ?? [];
	const isNew = (type: SpecNamespaceType): boolean =>
		namespaces.some(each => each.type === type && each.path === undefined);
	const isUser = isNew('user');
	const late = CLONE.NEWCGROUP | (isUser ? CLONE.NEWNS : 0);
	const flags = namespaces
		.filter(({ path }) => path === undefined)
		.reduce((all, { type }) => all | NAMESPACE_FLAGS[type], 0);
	return {
		isNew,
		isUser,
		cloneFlags: flags & ~late & ~CLONE.NEWTIME,
		unshareFlags: flags & late,
		join: namespaces.flatMap((each, index) => (isForChildren(each) ? joinStep(each, index) : [])),
		return: namespaces
			.filter(each => isForChildren(each) && each.path !== undefined)
			.map(({ type }) => returnStep(type)),
		enter: namespaces.flatMap((each, index) => (isForChildren(each) ? [] : joinStep(each, index))),
		idMaps: isUser ? idMapSteps(spec) : [],
		timeOffsets: isNew('time') ? timeSteps(spec) : [],
	};
}

const isForChildren = ({ type }: Namespace): boolean => type === 'pid' || type === 'time';

/** Where later children are the host's again; a thread of the caller could not be made in another pid namespace either. */
export function returnStep(type: SpecNamespaceType): Step {
	return {
		op: 'setns',
		path: `/proc/self/ns/${type}`,
		type: NAMESPACE_FLAGS[type],
		phase: 'namespaces',
		why: `later children are in the ${type} namespace of the host again`,
	};
}

function joinStep(namespace: Namespace, index: number): readonly Step[] {
	if (namespace.path === undefined) return [];
	return [
		{
			op: 'setns',
			path: namespace.path,
			type: NAMESPACE_FLAGS[namespace.type],
			phase: 'namespaces',
			why: `join the ${namespace.type} namespace ${namespace.path}`,
			from: `/linux/namespaces/${index}`,
		},
	];
}

function idMapSteps(spec: RuntimeSpec): readonly Step[] {
	return (['uid', 'gid'] as const).map(kind => ({
		op: 'writeInit',
		file: `${kind}_map`,
		data: (spec.linux?.[`${kind}Mappings`] ?? [])
			.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`)
			.join(''),
		phase: 'namespaces',
		why: `give the user namespace its ${kind}s`,
		from: `/linux/${kind}Mappings`,
	}));
}

/** Offsets can be set only while no process is in the new time namespace (time_namespaces(7)): children enter it, we do not. */
function timeSteps(spec: RuntimeSpec): readonly Step[] {
	const offsets = Object.entries(spec.linux?.timeOffsets ?? {}).map(
		([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`,
	);
	const unshare: Step = {
		op: 'unshare',
		flags: CLONE.NEWTIME,
		phase: 'namespaces',
		why: 'give init its own boot and monotonic clocks',
		from: '/linux/namespaces',
	};
	if (offsets.length === 0) return [unshare];
	return [
		unshare,
		{
			op: 'write',
			path: '/proc/self/timens_offsets',
			data: offsets.join(''),
			phase: 'namespaces',
			why: 'set the clocks of the time namespace',
			from: '/linux/timeOffsets',
		},
	];
}

/** The ids of whoever made the user namespace mean nothing in it. */
export function namespaceRootSteps(): readonly Step[] {
	return [
		{
			op: 'setresgid',
			gid: 0,
			phase: 'namespaces',
			why: 'become group 0 of the user namespace',
			from: '/linux/gidMappings',
		},
		{
			op: 'setresuid',
			uid: 0,
			phase: 'namespaces',
			why: 'become root of the user namespace',
			from: '/linux/uidMappings',
		},
	];
}
