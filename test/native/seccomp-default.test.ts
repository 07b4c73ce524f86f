import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Seccomp, SeccompRule } from '../../src/oci/runtime-spec.ts';
import { compileSeccomp } from '../../src/plan/seccomp/compile-seccomp.ts';
import { type Abi, syscallList } from '../../src/plan/seccomp/syscall-list.ts';
import { DEFAULT_CAPABILITIES } from '../../src/spec/default-capabilities.ts';
import { defaultSeccomp } from '../../src/spec/default-seccomp.ts';
import { runFilter } from '../unit/plan/seccomp/bpf-interpreter.ts';

/** Of package golang-github-containers-common: podman's profile, which was docker's once and has gone its own way. */
const PODMAN_PROFILE = '/usr/share/containers/seccomp.json';
const ALLOW = 0x7fff_0000;

interface Condition {
	readonly arches?: readonly string[];
	readonly caps?: readonly string[];
}
interface PodmanRule extends SeccompRule {
	readonly includes: Condition;
	readonly excludes: Condition;
}

/** The rules of podman's file that hold on this architecture with these capabilities. */
function podmanProfile(capabilities: readonly string[], arch: 'x64' | 'arm64'): Seccomp {
	const file = JSON.parse(readFileSync(PODMAN_PROFILE, 'utf8')) as { readonly syscalls: readonly PodmanRule[] };
	const name = { x64: 'amd64', arm64: 'arm64' }[arch];
	const syscalls = file.syscalls
		.filter(({ includes }) => (includes.caps ?? []).every(capability => capabilities.includes(capability)))
		.filter(({ includes }) => includes.arches === undefined || includes.arches.includes(name))
		.filter(({ excludes }) => !(excludes.caps ?? []).some(capability => capabilities.includes(capability)))
		.map(({ names, action, errnoRet, args }) => ({
			names,
			action,
			...(errnoRet === undefined ? {} : { errnoRet }),
			args: args ?? [],
		}));
	const architectures =
		arch === 'x64' ? ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] : ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'];
	return { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, architectures, syscalls };
}

const ABIS: readonly {
	readonly abi: Abi;
	readonly arch: 'x64' | 'arm64';
	readonly audit: number;
	readonly base: number;
}[] = [
	{ abi: 'x86_64', arch: 'x64', audit: 0xc000_003e, base: 0 },
	{ abi: 'x86', arch: 'x64', audit: 0x4000_0003, base: 0 },
	{ abi: 'x32', arch: 'x64', audit: 0xc000_003e, base: 0x4000_0000 },
	{ abi: 'arm64', arch: 'arm64', audit: 0xc000_00b7, base: 0 },
	{ abi: 'arm', arch: 'arm64', audit: 0x4000_0028, base: 0 },
];
const FIRST_ARGUMENTS = [
	0n,
	1n,
	2n,
	8n,
	12n,
	16n,
	19n,
	38n,
	40n,
	0x11n,
	0x2_0000n,
	0x1000_0000n,
	0x200_0000n,
	0xffff_ffffn,
];

/** Calls that one filter allows and the other does not, with any errno; where only some first arguments differ, those. */
function differences(capabilities: readonly string[]): { readonly oursOnly: string[]; readonly theirsOnly: string[] } {
	const oursOnly = new Set<string>();
	const theirsOnly = new Set<string>();
	for (const { abi, arch, audit, base } of ABIS) {
		const profile = defaultSeccomp({ capabilities, arch, kernel: { major: 6, minor: 1 } });
		const ours = compileSeccomp(profile, { arch, pointer: '' }).filter;
		const theirs = compileSeccomp(podmanProfile(capabilities, arch), { arch, pointer: '' }).filter;
		const { names, numbers } = syscallList(abi);
		names.forEach((name, index) => {
			const dataOf = (first: bigint) => ({ arch: audit, nr: base + (numbers[index] as number), args: [first, 0n, 0n] });
			const verdicts = FIRST_ARGUMENTS.map(first => ({
				first,
				mine: runFilter(ours, dataOf(first)) === ALLOW,
				podmans: runFilter(theirs, dataOf(first)) === ALLOW,
			}));
			const add = (to: Set<string>, some: typeof verdicts): void => {
				if (some.length === verdicts.length) to.add(name);
				else for (const { first } of some) to.add(`${name}(0x${first.toString(16)})`);
			};
			add(
				oursOnly,
				verdicts.filter(({ mine, podmans }) => mine && !podmans),
			);
			add(
				theirsOnly,
				verdicts.filter(({ mine, podmans }) => !mine && podmans),
			);
		});
	}
	return { oursOnly: [...oursOnly].sort(), theirsOnly: [...theirsOnly].sort() };
}

/** Calls younger than the Debian 12 copy of podman's profile; docker allows them to everyone. */
const YOUNGER =
	'cachestat fchmodat2 futex_requeue futex_wait futex_waitv futex_wake getxattrat listmount listxattrat map_shadow_stack mseal removexattrat setxattrat statmount uretprobe';
/** Allowed by docker, denied by podman: asynchronous I/O with a signal mask, and a splice of user memory. */
const DOCKER_ONLY = 'io_pgetevents io_pgetevents_time64 vmsplice';
/** Podman lets a container mount in a user namespace of its own; docker wants CAP_SYS_ADMIN for each of these. */
const NESTED_CONTAINERS =
	'clone(0x20000) clone(0x2000000) clone(0x10000000) clone(0xffffffff) clone3 fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree setns umount umount2 unshare';
/** Behind a capability in docker's profile (CAP_SYS_NICE, CAP_SYS_PTRACE, CAP_SYS_BOOT, CAP_SYSLOG), free in podman's. */
const BEHIND_A_CAPABILITY = 'get_mempolicy mbind set_mempolicy pidfd_getfd reboot';
/** Denied by docker to everyone: the keyring has no namespace, pivot_root and the old calls of 32-bit x86 are not needed. */
const NEVER_IN_DOCKER = 'keyctl pivot_root readdir sigaction signal sigpending sigsuspend';
/** Address families that docker leaves out: DECnet, Econet, AF_ALG, AF_VSOCK, and numbers that are none. */
const FAMILIES =
	'socket(0xc) socket(0x13) socket(0x26) socket(0x28) socket(0x20000) socket(0x2000000) socket(0x10000000) socket(0xffffffff)';

const sorted = (...lists: readonly string[]): string[] => lists.flatMap(list => list.split(' ')).sort();

describe("docker's default profile beside podman's", () => {
	it('differs in this list, with the default capabilities', () => {
		expect(differences(DEFAULT_CAPABILITIES)).toEqual({
			oursOnly: sorted(YOUNGER, DOCKER_ONLY),
			theirsOnly: sorted(NESTED_CONTAINERS, BEHIND_A_CAPABILITY, 'syslog', NEVER_IN_DOCKER, FAMILIES),
		});
	});

	it('differs in this list, with CAP_SYS_ADMIN', () => {
		const youngerForAdmins = 'lsm_get_self_attr lsm_list_modules lsm_set_self_attr quotactl_fd';
		expect(differences(['CAP_SYS_ADMIN'])).toEqual({
			oursOnly: sorted(YOUNGER, DOCKER_ONLY, youngerForAdmins),
			theirsOnly: sorted(BEHIND_A_CAPABILITY, NEVER_IN_DOCKER, FAMILIES),
		});
	});

	it('differs in this list, with every capability that a profile asks for', () => {
		const capabilities =
			'DAC_READ_SEARCH SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_TIME SYS_TTY_CONFIG SYS_NICE SYSLOG BPF PERFMON AUDIT_WRITE';
		const youngerForAdmins = 'lsm_get_self_attr lsm_list_modules lsm_set_self_attr quotactl_fd set_mempolicy_home_node';
		expect(differences(capabilities.split(' ').map(name => `CAP_${name}`))).toEqual({
			oursOnly: sorted(YOUNGER, DOCKER_ONLY, youngerForAdmins),
			// query_module left Linux with 2.6
			theirsOnly: sorted(NEVER_IN_DOCKER, FAMILIES, 'query_module'),
		});
	});
});
