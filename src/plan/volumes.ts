import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import { MS } from './linux-constants.ts';
import type { SourceNames } from './mount-sources.ts';
import { escapeOption } from './rootfs.ts';
import type { Step } from './step.ts';

export interface VolumeContext {
	readonly isUser: boolean;
	/** Whether the volume lies inside another one. */
	readonly isNested: boolean;
	readonly nameOf: SourceNames;
	/** See `volatileOption`. */
	readonly volatile: string;
}

/**
 * An anonymous volume: an overlay of the image's directory on itself, so that it starts with what the image has there. In a
 * user namespace the overlay keeps its marks in user.* attributes (overlayfs, "userxattr"). An overlay of an overlay of an
 * overlay is more than the kernel stacks (EINVAL), so a volume inside another one starts empty, as a bind.
 */
export function compileVolume(mount: Mount, index: number, context: VolumeContext): readonly Step[] {
	const { isUser, isNested, nameOf, volatile } = context;
	const source = nameOf(mount.source ?? '');
	const notes = { phase: 'mounts', from: `/mounts/${index}` } as const;
	const directory: Step = {
		op: 'mkdirInRoot',
		path: mount.destination,
		mode: 0o755,
		why: `a directory to mount on at ${mount.destination}`,
		...notes,
	};
	if (isNested) {
		const why = `an anonymous volume at ${mount.destination}, inside another one`;
		const bind = {
			source: `${source}/upper`,
			target: mount.destination,
			type: '',
			flags: MS.BIND,
			data: '',
			resolve: 0,
		};
		return [directory, { op: 'mountInRoot', ...bind, why, ...notes }];
	}
	return [
		directory,
		{
			op: 'overlayInRoot',
			target: mount.destination,
			upper: escapeOption(`${source}/upper`),
			work: escapeOption(`${source}/work`),
			data: `${volatile}${isUser ? ',userxattr' : ''}`,
			why: `an anonymous volume at ${mount.destination}, which starts with what the image has there`,
			...notes,
		},
	];
}

/** Host side, with a user namespace: its root owns the directories of its volumes. */
export function volumeOwnerSteps(spec: RuntimeSpec, volumes: readonly string[]): readonly Step[] {
	const owner = (kind: 'uid' | 'gid'): number =>
		(spec.linux?.[`${kind}Mappings`] ?? []).find(map => map.containerID === 0)?.hostID ?? 0;
	return (spec.mounts ?? []).flatMap((mount, index) =>
		volumes.includes(mount.source ?? '')
			? ['upper', 'work'].map(
					(name): Step => ({
						op: 'chown',
						path: `${mount.source}/${name}`,
						uid: owner('uid'),
						gid: owner('gid'),
						phase: 'mounts',
						why: 'root of the container owns its volume',
						from: `/mounts/${index}`,
					}),
				)
			: [],
	);
}

/** Whether a mount lies below the place of another volume. */
export function isInsideVolume({ destination }: Mount, spec: RuntimeSpec, volumes: readonly string[]): boolean {
	return (spec.mounts ?? []).some(
		other => volumes.includes(other.source ?? '') && destination.startsWith(`${other.destination}/`),
	);
}
