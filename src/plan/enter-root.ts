import { TsrunError } from '../core/errors.ts';
import { type PlanInput, rootfsPath } from './container-input.ts';
import { hasMountNamespace } from './host-mounts.ts';
import { ERRNO, MNT_DETACH, MS } from './linux-constants.ts';
import { propagationFlag } from './mount-options.ts';
import { isInRootfs } from './mount-sources.ts';
import type { Step } from './step.ts';

const WHY = 'from here on / is the container’s, and the host’s root is out of reach';

/**
 * The root file system becomes the root.
 * @throws TsrunError TSRUN_UNSUPPORTED for a root that is private and not pivoted
 */
export function enterRootSteps(input: PlanInput, isUser: boolean): readonly Step[] {
	const notes = { phase: 'mounts', why: WHY, from: '/root/path' } as const;
	if (!hasMountNamespace(input.spec)) return [{ op: 'chroot', ...notes }];
	return input.container.noPivot
		? [...coveringSteps(input, isUser), ...separatingSteps(input), { op: 'moveRoot', ...notes }]
		: [{ op: 'pivotRoot', ...notes }];
}

/**
 * Behind a chroot the mounts of the host are still there. While a whole proc or sysfs is among them, the kernel lets a user namespace
 * inside the container mount another, without what is masked; so they go first (mount_namespaces(7)).
 */
function coveringSteps({ spec, facts, container }: PlanInput, isUser: boolean): readonly Step[] {
	const rootfs = rootfsPath(container.rootfs);
	const isShared = (rootPropagation(spec) & MS.SHARED) !== 0;
	return (facts.kernelMounts ?? [])
		.filter(place => !isInRootfs(place, rootfs))
		.flatMap((place): readonly Step[] => [
			{
				op: 'mount',
				source: '',
				target: place,
				type: '',
				flags: MS.SLAVE | MS.REC,
				data: '',
				tolerate: [ERRNO.ENOENT, ERRNO.EINVAL],
				phase: 'mounts',
				why: 'what happens to it here does not happen on the host',
			},
			isUser || isShared ? coverStep(place) : unmountStep(place),
		]);
}

function unmountStep(path: string): Step {
	const why = 'a whole proc or sysfs within reach would let the container mount one without masks';
	return { op: 'umount', path, flags: MNT_DETACH, tolerate: [ERRNO.ENOENT, ERRNO.EINVAL], phase: 'mounts', why };
}

/** Mounts of another user namespace are locked; and an unmount reaches the host where the mount that it hangs on is shared. */
function coverStep(target: string): Step {
	return {
		op: 'mount',
		source: 'tmpfs',
		target,
		type: 'tmpfs',
		flags: MS.RDONLY,
		data: '',
		tolerate: [ERRNO.ENOENT],
		phase: 'mounts',
		why: 'a whole proc or sysfs within reach would let the container mount one without masks',
	};
}

/** The move itself would reach the host through a shared /. A private root is refused, as runc refuses it. */
function separatingSteps({ spec }: PlanInput): readonly Step[] {
	const flag = rootPropagation(spec);
	if ((flag & MS.PRIVATE) !== 0) {
		throw new TsrunError(
			'TSRUN_UNSUPPORTED',
			`config.json /linux/rootfsPropagation: ${spec.linux?.rootfsPropagation} is not safe without pivot_root`,
			{ hint: 'leave out --no-pivot, or take slave' },
		);
	}
	if ((flag & MS.SHARED) === 0) return [];
	const why = 'the move of the root does not reach the host';
	return [{ op: 'mount', source: '', target: '/', type: '', flags: MS.PRIVATE, data: '', phase: 'mounts', why }];
}

function rootPropagation({ linux }: PlanInput['spec']): number {
	return propagationFlag(linux?.rootfsPropagation ?? '') ?? 0;
}
