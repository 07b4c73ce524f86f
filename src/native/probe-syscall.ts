import { call } from './call.ts';
import { SystemError } from './system-error.ts';

/** Arguments that the kernel refuses before it does anything. */
const REFUSED = {
	openat2: [-1],
	clone3: [],
	close_range: [1, 0],
	pidfd_open: [],
	mount_setattr: [-1],
	fsopen: [undefined, -1],
	seccomp: [-1],
} as const;
const EINVAL = 22;

/** The calls whose presence can be asked for. */
export type ProbedSyscall = keyof typeof REFUSED;

/**
 * The errno of a call with arguments that it must refuse, so that ENOSYS (an old kernel) and EPERM (a seccomp filter) can be
 * told from what the kernel itself says of them.
 */
export function probeSyscall(name: ProbedSyscall): number {
	if (!Object.hasOwn(REFUSED, name)) throw new SystemError(EINVAL, 'probe', { name });
	return -Math.min(call(name, ...REFUSED[name]), 0);
}
