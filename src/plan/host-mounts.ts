import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { ERRNO, MNT_DETACH, MS } from './linux-constants.ts';
import type { Step } from './step.ts';

/** Without one, all that the container mounts is seen on the host, below its root file system, and lasts as long as the container. */
export const hasMountNamespace = ({ linux }: RuntimeSpec): boolean =>
	(linux?.namespaces ?? []).some(({ type }) => type === 'mount');

/** Host side, in the mount namespace of the caller: the propagation of its / is left as it is. */
export function hostRootSteps(spec: RuntimeSpec, rootfs: string): readonly Step[] {
	if (hasMountNamespace(spec)) return [];
	const notes = { phase: 'snapshot', from: '/root/path' } as const;
	const common = { op: 'mount', target: rootfs, type: '', data: '', ...notes } as const;
	return [
		{
			...common,
			source: rootfs,
			flags: MS.BIND | MS.REC,
			why: 'a mount that can be taken away again, with all that is mounted below it',
		},
		{ ...common, source: '', flags: MS.PRIVATE | MS.REC, why: 'no mount below it reaches another mount namespace' },
	];
}

/** Teardown of {@link hostRootSteps}, where setup has come past the bind: what was mounted there before is somebody else's. */
export function hostUnmountSteps(spec: RuntimeSpec, rootfs: string, setup: readonly Step[]): readonly Step[] {
	if (hasMountNamespace(spec)) return [];
	const bind = setup.findIndex(step => step.op === 'mount' && step.target === rootfs);
	return [
		{
			op: 'umount',
			path: rootfs,
			flags: MNT_DETACH,
			after: bind + 1,
			tolerate: [ERRNO.EINVAL, ERRNO.ENOENT],
			phase: 'teardown',
			why: 'its mounts were made on the host',
		},
	];
}
