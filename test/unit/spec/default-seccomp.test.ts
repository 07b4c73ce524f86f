import { describe, expect, it } from 'vitest';
import type { SeccompRule } from '../../../src/oci/runtime-spec.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/spec/default-capabilities.ts';
import { type DefaultSeccompInput, defaultSeccomp } from '../../../src/spec/default-seccomp.ts';

const rulesOf = (input: Partial<DefaultSeccompInput>): readonly SeccompRule[] =>
	defaultSeccomp({ capabilities: DEFAULT_CAPABILITIES, arch: 'x64', kernel: { major: 6, minor: 1 }, ...input })
		.syscalls ?? [];
const rulesFor = (name: string, input: Partial<DefaultSeccompInput> = {}): readonly SeccompRule[] =>
	rulesOf(input).filter(({ names }) => names.includes(name));
const isFree = (name: string, input: Partial<DefaultSeccompInput> = {}): boolean =>
	rulesFor(name, input).some(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined);

describe('the default seccomp profile', () => {
	it('denies with EPERM what it does not list', () => {
		const profile = defaultSeccomp({ capabilities: [], arch: 'x64', kernel: { major: 6, minor: 1 } });
		expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 });
		for (const name of ['keyctl', 'add_key', 'kexec_load', 'swapon', 'userfaultfd', 'pivot_root', 'io_uring_setup']) {
			expect(rulesFor(name)).toEqual([]);
		}
	});

	it('lists the ABIs of the machine', () => {
		const input = { capabilities: [], kernel: { major: 6, minor: 1 } };
		expect(defaultSeccomp({ ...input, arch: 'x64' }).architectures).toEqual([
			'SCMP_ARCH_X86_64',
			'SCMP_ARCH_X86',
			'SCMP_ARCH_X32',
		]);
		expect(defaultSeccomp({ ...input, arch: 'arm64' }).architectures).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
	});

	it('lets the calls of one architecture through on that one', () => {
		expect(['arch_prctl', 'modify_ldt', 'set_tls'].map(name => isFree(name))).toEqual([true, true, false]);
		expect(['arch_prctl', 'modify_ldt', 'set_tls'].map(name => isFree(name, { arch: 'arm64' }))).toEqual([
			false,
			false,
			true,
		]);
	});

	it('lets ptrace through from Linux 4.8, and before that with CAP_SYS_PTRACE', () => {
		const kernels = [
			{ major: 3, minor: 10 },
			{ major: 4, minor: 7 },
			{ major: 4, minor: 8 },
			{ major: 5, minor: 0 },
		];
		expect(kernels.map(kernel => isFree('ptrace', { kernel }))).toEqual([false, false, true, true]);
		expect(isFree('ptrace', { kernel: { major: 4, minor: 7 }, capabilities: ['CAP_SYS_PTRACE'] })).toBe(true);
	});

	for (const [capability, name] of [
		['CAP_DAC_READ_SEARCH', 'open_by_handle_at'],
		['CAP_SYS_ADMIN', 'mount'],
		['CAP_SYS_BOOT', 'reboot'],
		['CAP_SYS_CHROOT', 'chroot'],
		['CAP_SYS_MODULE', 'finit_module'],
		['CAP_SYS_PACCT', 'acct'],
		['CAP_SYS_PTRACE', 'kcmp'],
		['CAP_SYS_RAWIO', 'iopl'],
		['CAP_SYS_TIME', 'clock_settime'],
		['CAP_SYS_TTY_CONFIG', 'vhangup'],
		['CAP_SYS_NICE', 'mbind'],
		['CAP_SYSLOG', 'syslog'],
		['CAP_BPF', 'bpf'],
		['CAP_PERFMON', 'perf_event_open'],
	] as const) {
		it(`lets ${name} through with ${capability} only`, () => {
			expect(isFree(name, { capabilities: [capability] })).toBe(true);
			expect(isFree(name, { capabilities: [] })).toBe(false);
		});
	}

	it('keeps namespaces from clone, and clone3 from everyone, without CAP_SYS_ADMIN', () => {
		expect(rulesFor('clone')).toEqual([
			{
				names: ['clone'],
				action: 'SCMP_ACT_ALLOW',
				args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0x7e020000, valueTwo: 0 }],
			},
		]);
		expect(rulesFor('clone3')).toEqual([{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
		expect(['clone', 'clone3'].map(name => isFree(name, { capabilities: ['CAP_SYS_ADMIN'] }))).toEqual([true, true]);
		expect(rulesFor('clone3', { capabilities: ['CAP_SYS_ADMIN'] })).toHaveLength(1);
	});
});
