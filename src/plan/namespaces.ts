import type { Namespace, RuntimeSpec, SpecNamespaceType } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';
import { idMapSteps } from './id-maps.ts';
import { CLONE } from './linux-constants.ts';
import type { Step } from './step.ts';
import { timeSteps } from './time-offsets.ts';

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
	/** Whether the container has a namespace of a type to itself. */
	readonly isNew: (type: SpecNamespaceType) => boolean;
	/** Whether it has one that is not the runtime's, new or joined. */
	readonly isOther: (type: SpecNamespaceType) => boolean;
	/** Flags of the clone step. */
	readonly cloneFlags: number;
	/** Host side, before the clone: only a child can be in another pid or time namespace. */
	readonly join: readonly Step[];
	/** Host side, after the clone: what else the machine starts, such as hooks, is of the host again. */
	readonly return: readonly Step[];
	/** Init, once it is in its cgroup: joins and makes what the clone did not. */
	readonly enter: readonly Step[];
	/** Host side, after the clone: the user namespace gets its ids. */
	readonly idMaps: readonly Step[];
	/** Host side, before the clone. */
	readonly timeOffsets: readonly Step[];
	/** Init has been born a second time in {@link enter}. */
	readonly isReborn: boolean;
}

/**
 * Divides the namespaces of a configuration (config-linux.md "Namespaces") between clone(2), setns(2) and unshare(2).
 * A cgroup namespace shows the cgroup that its maker is in, so init makes it after it was attached. With a user namespace the
 * mount namespace comes later too: the overlay is mounted from outside, where the layers' ids can be mapped.
 */
export function compileNamespaces(spec: RuntimeSpec, facts: Pick<HostFacts, 'capabilities'>): NamespacePlan {
	const namespaces = spec.linux?.namespaces ?? [];
	const has = (type: SpecNamespaceType, isJoined: boolean): boolean =>
		namespaces.some(each => each.type === type && (each.path !== undefined) === isJoined);
	const isNew = (type: SpecNamespaceType): boolean => has(type, false);
	const isOther = (type: SpecNamespaceType): boolean => namespaces.some(each => each.type === type);
	const flags = namespaces
		.filter(({ path }) => path === undefined)
		.reduce((all, { type }) => all | NAMESPACE_FLAGS[type], 0);
	// The paths of the others are those of the runtime's mount namespace.
	const joined = namespaces.flatMap(joinSteps).sort((a, b) => Number(a.type === 'mount') - Number(b.type === 'mount'));
	const common = {
		isNew,
		isOther,
		idMaps: isNew('user') ? idMapSteps(spec, facts) : [],
		timeOffsets: isNew('time') ? timeSteps(spec) : [],
	};
	const ofTime = isNew('time') ? [returnStep('time')] : [];
	if (isOther('user') && joined.length > 0) {
		const enter = isNew('user') ? lateUser(joined, flags) : joinedUser(joined, flags);
		const turn: Step = { op: 'turn', phase: 'namespaces', why: 'init makes its user namespace, which has no ids yet' };
		const idMaps = isNew('user') ? [turn, ...common.idMaps] : [];
		return { ...common, idMaps, cloneFlags: 0, join: [], return: ofTime, enter, isReborn: true };
	}
	const late = CLONE.NEWCGROUP | (isNew('user') ? CLONE.NEWNS : 0);
	const isForChildren = ({ type }: Joined): boolean => type === 'pid' || type === 'time';
	const forChildren = joined.filter(isForChildren);
	return {
		...common,
		cloneFlags: flags & ~late & ~CLONE.NEWTIME,
		join: forChildren.map(({ step }) => step),
		return: [...forChildren.map(({ type }) => returnStep(type)), ...ofTime],
		enter: [
			...joined.filter(each => !isForChildren(each)).map(({ step }) => step),
			...unshareSteps(
				flags & late,
				isNew('cgroup')
					? 'what init is in now becomes the root of its cgroup namespace'
					: 'mounts belong to the user namespace',
			),
		],
		isReborn: false,
	};
}

/**
 * A user namespace that exists. Privileges over the others end when it is entered, so it comes last of those that are joined;
 * those that are new are made in it, since its root must own them. A pid namespace is for children: init forks.
 */
function joinedUser(joined: readonly Joined[], flags: number): readonly Step[] {
	return [
		...joined.filter(({ type }) => type !== 'user').map(({ step }) => step),
		...joined.filter(({ type }) => type === 'user').map(({ step }) => step),
		...unshareSteps(flags & ~CLONE.NEWTIME, 'root of the user namespace owns the other ones'),
		FORK,
	];
}

/** A new user namespace beside others that are joined: once it is made, init has no privileges over those. */
function lateUser(joined: readonly Joined[], flags: number): readonly Step[] {
	return [
		...joined.map(({ step }) => step),
		...unshareSteps(CLONE.NEWUSER, 'a user namespace, once the namespaces of others are joined'),
		{ op: 'turn', phase: 'namespaces', why: 'its ids are written from outside', from: '/linux/uidMappings' },
		...unshareSteps(flags & ~CLONE.NEWTIME & ~CLONE.NEWUSER, 'root of the user namespace owns the other ones'),
		FORK,
	];
}

const FORK: Step = {
	op: 'forkInit',
	phase: 'namespaces',
	why: 'a child is born into the pid and time namespaces; it goes on as init',
	from: '/linux/namespaces',
};

function unshareSteps(flags: number, why: string): readonly Step[] {
	if (flags === 0) return [];
	return [{ op: 'unshare', flags, phase: 'namespaces', why, from: '/linux/namespaces' }];
}

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

interface Joined {
	readonly type: SpecNamespaceType;
	readonly step: Step;
}

function joinSteps({ type, path }: Namespace, index: number): readonly Joined[] {
	if (path === undefined) return [];
	const from = `/linux/namespaces/${index}`;
	const why = `join the ${type} namespace ${path}`;
	return [{ type, step: { op: 'setns', path, type: NAMESPACE_FLAGS[type], phase: 'namespaces', why, from } }];
}
