import { hasMappedIds, isBind } from '../oci/mount-kind.ts';
import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

/** How a step names a bind source of the configuration. */
export type SourceNames = (source: string) => string;

export interface MountSources {
	/** Init, in its mount namespace, before it becomes root of its user namespace. */
	readonly open: readonly Step[];
	readonly nameOf: SourceNames;
}

export interface SourcePlaces {
	/** Where the root file system is on the host. */
	readonly rootfs: string;
	/** Sources that are links, and where each leads. */
	readonly links?: Readonly<Record<string, string>> | undefined;
}

/** Descriptors of held sources are numbered from here, above those of the machine itself; before them, the root file system. */
const FIRST_DESCRIPTOR = 64;
const ROOT_DESCRIPTOR = FIRST_DESCRIPTOR - 1;

/** Whether a source is a place of the container's own, which mounts before it may have made. */
export function isInRootfs(source: string, rootfs: string): boolean {
	return source === rootfs || source.startsWith(`${rootfs}/`);
}

/**
 * Root of a user namespace may not pass through the host's private directories. So sources are opened while init still has the
 * host's id, and the mounts are made from those descriptors. What lies in the root file system is looked up when it is mounted.
 */
export function compileMountSources(
	spec: RuntimeSpec,
	isUser: boolean,
	{ rootfs, links = {} }: SourcePlaces,
): MountSources {
	if (!isUser) return { open: [], nameOf: source => source };
	const binds = (spec.mounts ?? []).flatMap((mount, index) =>
		mount.source !== undefined && isBind(mount) && !hasMappedIds(mount) && !isCopied(mount, links)
			? [{ source: mount.source, index }]
			: [],
	);
	const own = binds.find(({ source }) => isInRootfs(source, rootfs));
	const foreign = binds.filter(({ source }) => !isInRootfs(source, rootfs));
	const descriptors = new Map(foreign.map(({ source }, position) => [source, FIRST_DESCRIPTOR + position]));
	return {
		open: [
			...(own === undefined ? [] : [openStep(ROOT_DESCRIPTOR, { source: rootfs, index: own.index })]),
			...foreign
				.filter(({ source }, position) => descriptors.get(source) === FIRST_DESCRIPTOR + position)
				.map(bind => openStep(descriptors.get(bind.source) ?? 0, bind)),
		],
		nameOf: source => {
			if (isInRootfs(source, rootfs)) return `/proc/self/fd/${ROOT_DESCRIPTOR}${source.slice(rootfs.length)}`;
			const fd = descriptors.get(source);
			return fd === undefined ? source : `/proc/self/fd/${fd}`;
		},
	};
}

function isCopied({ source = '', options = [] }: Mount, links: Readonly<Record<string, string>>): boolean {
	return options.includes('copy-symlink') && Object.hasOwn(links, source);
}

function openStep(fd: number, { source, index }: { readonly source: string; readonly index: number }): Step {
	return {
		op: 'openSource',
		fd,
		path: source,
		phase: 'mounts',
		why: 'hold the source: root of the user namespace could not reach it by its path',
		from: `/mounts/${index}/source`,
	};
}
