import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

/** How a step names a bind source of the configuration. */
export type SourceNames = (source: string) => string;

export interface MountSources {
	/** Init, in its mount namespace, before it becomes root of its user namespace. */
	readonly open: readonly Step[];
	readonly nameOf: SourceNames;
}

/** Descriptors of held sources are numbered from here, above those of the machine itself. */
const FIRST_DESCRIPTOR = 64;

/**
 * Root of a user namespace may not pass through the host's private directories. So sources are opened while init still has the
 * host's id, and the mounts are made from those descriptors.
 */
export function compileMountSources(spec: RuntimeSpec, isUser: boolean): MountSources {
	if (!isUser) return { open: [], nameOf: source => source };
	const binds = (spec.mounts ?? []).flatMap(({ source, type, options = [] }, index) =>
		source !== undefined && (type === 'bind' || options.includes('bind') || options.includes('rbind'))
			? [{ source, index }]
			: [],
	);
	const descriptors = new Map(binds.map(({ source }, position) => [source, FIRST_DESCRIPTOR + position]));
	return {
		open: binds
			.filter(({ source }, position) => descriptors.get(source) === FIRST_DESCRIPTOR + position)
			.map(({ source, index }) => ({
				op: 'openSource',
				fd: descriptors.get(source) ?? 0,
				path: source,
				phase: 'mounts',
				why: 'hold the source: root of the user namespace could not reach it by its path',
				from: `/mounts/${index}/source`,
			})),
		nameOf: source => {
			const fd = descriptors.get(source);
			return fd === undefined ? source : `/proc/self/fd/${fd}`;
		},
	};
}
