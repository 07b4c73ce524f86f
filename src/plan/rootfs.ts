import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { PlanInput, RootfsInput } from './container-input.ts';
import { rootfsPath } from './container-input.ts';
import { hasMountNamespace } from './host-mounts.ts';
import { CLONE, ERRNO, MNT_DETACH, MS } from './linux-constants.ts';
import { propagationFlag } from './mount-options.ts';
import type { Step } from './step.ts';

type Overlay = Extract<RootfsInput, { kind: 'overlay' }>;

/** overlayfs splits its options at commas and lowerdir at colons; a backslash takes either literally. */
export const escapeOption = (path: string): string => path.replace(/[\\,:]/g, '\\$&');

export interface RootfsPlan {
	/** Host side, after the id maps; empty without a user namespace. */
	readonly outside: readonly Step[];
	/** Init, before any other mount. */
	readonly inside: readonly Step[];
}

/** The steps that mount the root file system, and keep all that follows away from the host. */
export function compileRootfs(input: PlanInput, isUser: boolean): RootfsPlan {
	const { rootfs } = input.container;
	const path = rootfsPath(rootfs);
	const bind: Step = {
		op: 'mount',
		source: path,
		target: path,
		type: '',
		flags: MS.BIND | MS.REC,
		data: '',
		phase: 'snapshot',
		why: 'make the root file system a mount point, as pivot_root wants it',
		from: '/root/path',
	};
	const openRoot: Step = {
		op: 'openRoot',
		path,
		phase: 'snapshot',
		why: 'hold the root file system: every path inside is resolved below it',
		from: '/root/path',
	};
	if (!hasMountNamespace(input.spec)) return { outside: [], inside: [openRoot] };
	if (rootfs.kind === 'directory') return { outside: [], inside: [...propagationSteps(input), bind, openRoot] };
	if (!isUser)
		return {
			outside: [],
			inside: [
				...propagationSteps(input),
				...overlaySteps(input, rootfs, { from: rootfs.layers, lowerdirs: rootfs.lowerdirs }),
				openRoot,
			],
		};
	return { outside: mappedOverlaySteps(rootfs, input), inside: [...propagationSteps(input), bind, openRoot] };
}

function propagationSteps({ spec, container }: PlanInput): readonly Step[] {
	const name = spec.linux?.rootfsPropagation;
	const asked = (name === undefined || name === '' ? undefined : propagationFlag(name)) ?? MS.SLAVE;
	// What is unbindable cannot be bound into the container either: that is for its root alone, at the end.
	const flag = (asked & MS.UNBINDABLE) === 0 ? asked : MS.PRIVATE;
	const steps: Step[] = [
		{
			op: 'mount',
			source: '',
			target: '/',
			type: '',
			flags: flag | MS.REC,
			data: '',
			phase: 'mounts',
			why:
				(flag & MS.SHARED) === 0
					? 'no mount made from here on reaches the host'
					: 'mounts are shared with the host, as asked',
			...(name === undefined ? {} : { from: '/linux/rootfsPropagation' }),
		},
	];
	if ((flag & MS.SHARED) !== 0 && container.rootfs.mountpoint !== undefined) {
		steps.push({
			op: 'mount',
			source: '',
			target: container.rootfs.mountpoint,
			type: '',
			flags: MS.PRIVATE,
			data: '',
			phase: 'mounts',
			why: 'the root file system itself does not reach the host',
		});
	}
	return steps;
}

/**
 * The root's own propagation (config-linux.md, "Rootfs Mount Propagation"). pivot_root(2) takes no shared mount, so it is set
 * afterwards; a root that was mounted anew is private or a slave already.
 */
export function rootPropagationSteps({ linux }: RuntimeSpec): readonly Step[] {
	const flag = propagationFlag(linux?.rootfsPropagation ?? '') ?? 0;
	if ((flag & (MS.SHARED | MS.UNBINDABLE)) === 0) return [];
	return [
		{
			op: 'mount',
			source: '',
			target: '/',
			type: '',
			flags: flag,
			data: '',
			phase: 'mounts',
			why: 'the propagation of the container’s own root',
			from: '/linux/rootfsPropagation',
		},
	];
}

/**
 * A directory is what it is in its layer: no attribute says that its content, or that of a file, lies elsewhere (overlayfs, "redirect_dir" and
 * "Metadata only copy up"), whatever the host's module does unless told. The container makes none either, which `diff` and `commit`
 * would not know.
 */
export const LITERALLY = ',redirect_dir=nofollow,metacopy=off';

/**
 * What goes with the container need not reach the disk. Without this option the end of an overlay writes all that is dirty on the file
 * system below it, whoever wrote that (overlayfs, "Volatile mount"; Linux 5.10).
 */
export function volatileOption({ facts, container }: Pick<PlanInput, 'facts' | 'container'>): string {
	const { kernel } = facts;
	const isKnown = kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 10);
	return isKnown && container.remove.trees.length > 0 ? ',volatile' : '';
}

function overlaySteps(
	input: PlanInput,
	rootfs: Overlay,
	{ from, lowerdirs }: { readonly from: string; readonly lowerdirs: readonly string[] },
): readonly Step[] {
	return [
		{
			op: 'chdir',
			path: from,
			phase: 'snapshot',
			why: 'keep the list of layers within one page of mount options',
		},
		{
			op: 'mount',
			source: 'overlay',
			target: `${rootfs.directory}/merged`,
			type: 'overlay',
			flags: 0,
			data: `lowerdir=${lowerdirs.map(escapeOption).join(':')},upperdir=${escapeOption(`${rootfs.directory}/upper`)},workdir=${escapeOption(`${rootfs.directory}/work`)}${LITERALLY}${volatileOption(input)}`,
			phase: 'snapshot',
			why: `lay the container's own directory over ${lowerdirs.length} layer${lowerdirs.length === 1 ? '' : 's'}`,
			from: '/root/path',
		},
	];
}

/**
 * With a user namespace: each layer is mounted with its ids mapped into the namespace (mount_setattr(2), MOUNT_ATTR_IDMAP), so
 * that no file is copied or changed. This happens in a mount namespace of the supervisor's own, which ends with it.
 */
function mappedOverlaySteps(rootfs: Overlay, input: PlanInput): readonly Step[] {
	const { spec } = input;
	const owner = (kind: 'uid' | 'gid'): number =>
		(spec.linux?.[`${kind}Mappings`] ?? []).find(map => map.containerID === 0)?.hostID ?? 0;
	const names = rootfs.lowerdirs.map((_, index) => String(index));
	const own = (name: string): Step => ({
		op: 'chown',
		path: `${rootfs.directory}/${name}`,
		uid: owner('uid'),
		gid: owner('gid'),
		phase: 'snapshot',
		why: `root of the container owns the ${name} directory`,
		from: '/linux/uidMappings',
	});
	return [
		own('upper'),
		own('work'),
		{
			op: 'mkdir',
			path: `${rootfs.directory}/lower`,
			mode: 0o700,
			tolerate: [ERRNO.EEXIST],
			phase: 'snapshot',
			why: 'a place for the mapped layers',
		},
		...rootfs.lowerdirs.flatMap((name, index): readonly Step[] => [
			{
				op: 'mkdir',
				path: `${rootfs.directory}/lower/${index}`,
				mode: 0o700,
				tolerate: [ERRNO.EEXIST],
				phase: 'snapshot',
				why: 'a mount point for one layer',
			},
			{
				op: 'mountIdmapped',
				source: `${rootfs.layers}/${name}`,
				target: `${rootfs.directory}/lower/${index}`,
				phase: 'snapshot',
				why: 'show the layer with the ids of the user namespace',
				from: '/linux/uidMappings',
			},
		]),
		...overlaySteps(input, rootfs, { from: `${rootfs.directory}/lower`, lowerdirs: names }),
	];
}

/** The supervisor's own mount namespace, for {@link mappedOverlaySteps}; before the clone. */
export function privateMountsSteps(): readonly Step[] {
	return [
		{
			op: 'unshare',
			flags: CLONE.NEWNS,
			phase: 'namespaces',
			why: 'mapped layers are mounted where only the supervisor and init see them',
		},
		{
			op: 'mount',
			source: '',
			target: '/',
			type: '',
			flags: MS.SLAVE | MS.REC,
			data: '',
			phase: 'mounts',
			why: 'nothing mounted there reaches the host',
		},
	];
}

/**
 * Teardown: what {@link compileRootfs} mounted outside, where this is still the supervisor that did it. Any other process sees
 * no mount there.
 */
export function unmountSteps(rootfs: RootfsInput, isUser: boolean): readonly Step[] {
	if (!isUser || rootfs.kind !== 'overlay') return [];
	const points = ['merged', ...rootfs.lowerdirs.map((_, index) => `lower/${index}`)];
	return points.map(point => ({
		op: 'umount',
		path: `${rootfs.directory}/${point}`,
		flags: MNT_DETACH,
		tolerate: [ERRNO.EINVAL, ERRNO.ENOENT],
		phase: 'teardown',
		why: 'nothing is mounted below what gets removed',
	}));
}
