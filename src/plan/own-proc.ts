import type { Step } from './step.ts';

/** A write to a file of /proc that decides how the container is confined. */
export interface ProcWrite {
	/** Below /proc. */
	readonly path: string;
	readonly data: string;
	readonly why: string;
	readonly from?: string;
	readonly tolerate?: readonly number[];
}

/**
 * Through a proc mount of tsrun's own; but a user namespace that shares the host's processes may not mount one, and has the
 * host's, which no image has touched yet.
 */
export function procSteps(writes: readonly ProcWrite[], usesHostProc: boolean): readonly Step[] {
	const phase = 'process';
	if (writes.length === 0) return [];
	if (usesHostProc)
		return writes.map(({ path, ...rest }): Step => ({ op: 'write', path: `/proc/${path}`, phase, ...rest }));
	return [
		{ op: 'openProc', phase, why: 'a proc of tsrun’s own, that no mount can cover (CVE-2019-16884, CVE-2025-52881)' },
		...writes.map((write): Step => ({ op: 'writeProc', phase, ...write })),
	];
}
