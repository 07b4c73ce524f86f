import { expect, it } from 'vitest';
import { resolveSeccompProfile } from '../../../src/spec/resolve-seccomp-profile.ts';
import { thrownBy } from './expect-bad-flag.ts';

const context = {
	name: 'p.json',
	capabilities: ['CAP_SYS_ADMIN'],
	arch: 'x64',
	kernel: { major: 5, minor: 10 },
} as const;
const rule = { names: ['bpf'], action: 'SCMP_ACT_ALLOW' };
const profile = { defaultAction: 'SCMP_ACT_ERRNO' };
const isKept = (conditions: object) =>
	resolveSeccompProfile({ ...profile, syscalls: [{ ...rule, ...conditions }] }, context).syscalls?.length === 1;

it.each([
	[{}, true],
	[{ includes: {}, excludes: {} }, true],
	[{ includes: { caps: ['CAP_SYS_ADMIN'] } }, true],
	[{ includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }, false],
	[{ includes: { arches: ['amd64', 'x32'] } }, true],
	[{ includes: { arches: ['arm64'] } }, false],
	[{ includes: { minKernel: '5.10' } }, true],
	[{ includes: { minKernel: '4.20' } }, true],
	[{ includes: { minKernel: '5.11' } }, false],
	[{ includes: { caps: ['CAP_SYS_ADMIN'], arches: ['arm64'] } }, false],
	[{ excludes: { caps: ['CAP_SYS_ADMIN'] } }, false],
	[{ excludes: { caps: ['CAP_BPF'] } }, true],
	[{ excludes: { arches: ['amd64'] } }, false],
	[{ excludes: { minKernel: '5.10' } }, false],
	[{ excludes: { minKernel: '5.11' } }, true],
	[{ includes: null, excludes: null }, true],
])('decides %j', (conditions, kept) => {
	expect(isKept(conditions)).toBe(kept);
});

it("chooses the architectures of this host and leaves nothing of docker's format", () => {
	const archMap = [
		{ architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
		{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
	];
	const syscalls = [{ name: 'read', action: 'SCMP_ACT_ALLOW', comment: 'x', includes: {}, args: [] }];
	expect(resolveSeccompProfile({ ...profile, defaultErrnoRet: 1, archMap, syscalls }, context)).toEqual({
		...profile,
		defaultErrnoRet: 1,
		architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
		syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [] }],
	});
});

it.each([
	[undefined, 'expected an object'],
	[[], 'expected an object'],
	[{}, '/defaultAction'],
	[{ ...profile, syscalls: [{ names: ['a'] }] }, '/syscalls/0/action'],
	[{ ...profile, syscalls: [{ ...rule, name: 'a' }] }, 'both name and names at /syscalls/0'],
	[{ ...profile, architectures: [], archMap: [] }, 'both architectures and archMap'],
	[{ ...profile, syscalls: [{ ...rule, includes: { minKernel: 'x' } }] }, 'minKernel'],
	[{ ...profile, syscalls: [{ ...rule, args: [{ index: 6, value: 0, op: 'x' }] }] }, '/syscalls/0/args/0/index'],
])('refuses %j and names the place', (value, words) => {
	const error = thrownBy(() => resolveSeccompProfile(value, context)) as Error;
	expect(error).toMatchObject({ code: 'TSRUN_BAD_SECCOMP_PROFILE' });
	expect(error.message).toContain('seccomp profile p.json');
	expect(error.message).toContain(words);
	expect(error.message).not.toContain('config.json');
});
