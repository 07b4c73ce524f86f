import { TsrunError } from '../core/errors.ts';
import type { HostFacts } from './host-facts.ts';

const CAP_SYS_ADMIN = 21n;

/** Calls that no plan does without, and the kernel that brought each. */
const REQUIRED = [
	{ fact: 'pidfdOpen', call: 'pidfd_open', since: '5.3' },
	{ fact: 'openat2', call: 'openat2', since: '5.6' },
	{ fact: 'closeRange', call: 'close_range', since: '5.9' },
] as const;

type Check = (facts: HostFacts) => void;
const CHECKS: readonly Check[] = [requireRoot, requireCalls, requireCgroups];

/**
 * Refuses a host that cannot run a container, before anything is touched.
 * @throws TsrunError TSRUN_NOT_ROOT, TSRUN_KERNEL_TOO_OLD, TSRUN_NO_CGROUP
 */
export function requireKernel(facts: HostFacts): void {
	for (const check of CHECKS) check(facts);
}

/** @throws TsrunError TSRUN_NOT_ROOT */
export function requireUserZero(uid: number): void {
	if (uid !== 0) {
		throw new TsrunError('TSRUN_NOT_ROOT', `containers need root, and this is user ${uid}`, {
			hint: 'run it with sudo; rootless containers come in a later version',
		});
	}
}

function requireRoot({ uid, capabilities }: HostFacts): void {
	requireUserZero(uid);
	if (((capabilities >> CAP_SYS_ADMIN) & 1n) === 0n) {
		throw new TsrunError('TSRUN_NOT_ROOT', 'containers need CAP_SYS_ADMIN, which this root does not have', {
			hint: 'inside another container, start that one with --privileged or --cap-add SYS_ADMIN',
		});
	}
}

function requireCalls({ syscalls, kernel }: HostFacts): void {
	const missing = REQUIRED.find(({ fact }) => !syscalls[fact]);
	if (missing === undefined) return;
	throw new TsrunError(
		'TSRUN_KERNEL_TOO_OLD',
		`system call ${missing.call}, which Linux has since ${missing.since}, does not work on this host (${kernel.release})`,
		{
			hint: isOlder(kernel, missing.since)
				? `boot a kernel of at least ${missing.since}`
				: 'the kernel is new enough, so a seccomp filter around this process denies it: update the outer container runtime, or run it unconfined',
		},
	);
}

function requireCgroups({ cgroup }: HostFacts): void {
	if (cgroup.mode !== 'none') return;
	throw new TsrunError('TSRUN_NO_CGROUP', 'no cgroup file system is mounted', {
		hint: 'mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup',
	});
}

function isOlder(kernel: HostFacts['kernel'], since: string): boolean {
	const [major = 0, minor = 0] = since.split('.').map(Number);
	return kernel.major < major || (kernel.major === major && kernel.minor < minor);
}
