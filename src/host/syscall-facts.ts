import type { ProbedSyscall } from '../native/probe-syscall.ts';
import type { SyscallFacts } from '../plan/host-facts.ts';

const EPERM = 1;
const ENOSYS = 38;

/**
 * Which calls get through to the kernel. `probe` makes the call with arguments that cannot succeed and returns its errno. The
 * kernel looks at the arguments of all of these before it looks at rights, so EPERM is a seccomp filter's word; fsopen(2) alone
 * asks for CAP_SYS_ADMIN first, and then EPERM says nothing about it.
 */
export function syscallFacts(probe: (name: ProbedSyscall) => number, hasSysAdmin: boolean): SyscallFacts {
	const reaches = (name: ProbedSyscall): boolean => {
		const errno = probe(name);
		return errno !== ENOSYS && (errno !== EPERM || (name === 'fsopen' && !hasSysAdmin));
	};
	return {
		openat2: reaches('openat2'),
		clone3: reaches('clone3'),
		closeRange: reaches('close_range'),
		pidfdOpen: reaches('pidfd_open'),
		mountSetattr: reaches('mount_setattr'),
		fsopen: reaches('fsopen'),
		seccomp: reaches('seccomp'),
	};
}
