import { describe, expect, it } from 'vitest';
import type { Seccomp, SeccompRule } from '../../../../src/oci/runtime-spec.ts';
import { compileSeccomp } from '../../../../src/plan/seccomp/compile-seccomp.ts';
import { DEFAULT_CAPABILITIES } from '../../../../src/spec/default-capabilities.ts';
import { defaultSeccomp } from '../../../../src/spec/default-seccomp.ts';
import { runFilter } from './bpf-interpreter.ts';

const X86_64 = 0xc000_003e;
const X86 = 0x4000_0003;
const ARM64 = 0xc000_00b7;
const ARM = 0x4000_0028;
const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const errno = (number: number): number => 0x0005_0000 + number;
const ENOSYS = errno(38);

const compile = (profile: Seccomp, arch: 'x64' | 'arm64' = 'x64') =>
	compileSeccomp(profile, { arch, pointer: '/linux/seccomp' });
const denying = (syscalls: readonly SeccompRule[], more: Partial<Seccomp> = {}): Seccomp => ({
	defaultAction: 'SCMP_ACT_ERRNO',
	syscalls,
	...more,
});
const allow = (...names: readonly string[]): SeccompRule => ({ names, action: 'SCMP_ACT_ALLOW' });

function verdict(profile: Seccomp, nr: number, args: readonly bigint[] = []): number {
	return runFilter(compile(profile).filter, { arch: X86_64, nr, args });
}

describe('the filter', () => {
	it('is these bytes for one allowed call', () => {
		expect(
			Buffer.from(compile(denying([allow('read')])).filter)
				.toString('hex')
				.match(/.{16}/g),
		).toEqual([
			'2000000004000000', // load arch
			'150000073e0000c0', // x86_64: next, else kill
			'2000000000000000', // load nr
			'3500010000000040', // from the bit of x32 on: skip one
			'3500020301000000', // from 1 on: ENOSYS, else allow
			'35000003ffffffff', // -1: EPERM, else kill
			'0600000001000500', // EPERM
			'0600000026000500', // ENOSYS
			'060000000000ff7f', // allow
			'0600000000000080', // kill the process
		]);
	});

	it('kills the process for a foreign architecture', () => {
		const { filter } = compile(denying([allow('read')]));
		expect([X86, ARM64, 0].map(arch => runFilter(filter, { arch, nr: 0 }))).toEqual(Array(3).fill(KILL_PROCESS));
	});

	it('kills the process for an x32 call when the profile leaves x32 out, but not for a skipped call', () => {
		const profile = denying([allow('read')], { architectures: ['SCMP_ARCH_X86_64'] });
		expect(verdict(profile, 0x4000_0000)).toBe(KILL_PROCESS);
		expect(verdict(profile, 0xffff_ffff)).toBe(errno(1));
	});

	it('has the numbers of each ABI of the machine', () => {
		const profile = denying([allow('execve')], {
			architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_ARM', 'SCMP_ARCH_MIPS'],
		});
		const x64 = compile(profile).filter;
		const arm64 = compile(profile, 'arm64').filter;
		expect([
			runFilter(x64, { arch: X86_64, nr: 59 }),
			runFilter(x64, { arch: X86_64, nr: 0x4000_0000 + 520 }),
			runFilter(x64, { arch: X86, nr: 11 }),
			runFilter(arm64, { arch: ARM64, nr: 221 }),
			runFilter(arm64, { arch: ARM, nr: 11 }),
		]).toEqual(Array(5).fill(ALLOW));
		expect(runFilter(x64, { arch: X86_64, nr: 0x4000_0000 + 59 })).toBe(errno(1));
		expect(runFilter(arm64, { arch: X86_64, nr: 59 })).toBe(KILL_PROCESS);
	});

	it('ignores names that the machine does not have', () => {
		expect(compile(denying([allow('read', 'breakpoint', 'no_such_call')])).filter).toEqual(
			compile(denying([allow('read')])).filter,
		);
	});

	it('keeps jumps in reach in a long program', () => {
		// every third call has rules of its own, so that the search and the rules are far apart
		const names =
			'read open stat lstat lseek mprotect brk ioctl pwrite64 access pipe mremap shmget shmctl dup pause'.split(' ');
		const values = Array.from({ length: 30 }, (_, index) => 10n ** BigInt(index % 19) + BigInt(index));
		const syscalls = names.flatMap((name, offset) =>
			values.map(value => ({
				names: [name],
				action: 'SCMP_ACT_ERRNO',
				errnoRet: 2 + ((Number(value % 97n) + offset) % 50),
				args: [{ index: offset % 6, op: 'SCMP_CMP_EQ', value }],
			})),
		);
		const profile: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
		const { filter } = compile(profile);
		expect(filter.length / 8).toBeGreaterThan(1000);
		for (const {
			names: [name],
			errnoRet,
			args,
		} of syscalls) {
			const nr = { read: 0, open: 2, stat: 4, lstat: 6 }[name as string];
			if (nr === undefined) continue;
			const { index, value } = args[0] as { index: number; value: bigint };
			const list = Array.from({ length: 6 }, (_, at) => (at === index ? value : 0n));
			expect(runFilter(filter, { arch: X86_64, nr, args: list })).toBe(errno(errnoRet));
		}
		expect(runFilter(filter, { arch: X86_64, nr: 4, args: [0n, 0n, 0n] })).toBe(ALLOW);
	});

	it('says when it is longer than the kernel takes', () => {
		const syscalls = Array.from({ length: 1500 }, (_, index) => ({
			names: ['read'],
			action: 'SCMP_ACT_ALLOW',
			args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: index + 1, valueTwo: 0 }],
		}));
		expect(() => compile(denying(syscalls))).toThrow(/^seccomp profile at \/linux\/seccomp needs \d+ instructions/);
	});

	it('of the default profile stays small', () => {
		for (const arch of ['x64', 'arm64'] as const) {
			const profile = defaultSeccomp({ capabilities: DEFAULT_CAPABILITIES, arch, kernel: { major: 6, minor: 1 } });
			expect(compile(profile, arch).filter.length / 8).toBeLessThan(400);
		}
	});
});

describe('a number above the largest that the profile names', () => {
	it('returns ENOSYS where the default denies', () => {
		const profile = denying([allow('read'), { names: ['dup'], action: 'SCMP_ACT_ERRNO' }]);
		expect([0, 1, 32, 33, 471].map(nr => verdict(profile, nr))).toEqual([ALLOW, errno(1), errno(1), ENOSYS, ENOSYS]);
	});

	it('goes on where the default allows, logs or traces', () => {
		for (const [defaultAction, value] of [
			['SCMP_ACT_ALLOW', ALLOW],
			['SCMP_ACT_LOG', 0x7ffc_0000],
			['SCMP_ACT_TRACE', 0x7ff0_0001],
		] as const) {
			expect(verdict({ defaultAction, syscalls: [{ names: ['read'], action: 'SCMP_ACT_KILL' }] }, 471)).toBe(value);
		}
	});

	it('meets the default where the profile names no call of the ABI', () => {
		expect(verdict(denying([]), 471)).toBe(errno(1));
	});

	it('is not measured by the private calls of arm', () => {
		const profile = denying([allow('read', 'set_tls')], { architectures: ['SCMP_ARCH_ARM'] });
		const { filter } = compile(profile, 'arm64');
		expect([3, 4, 0xf_0005, 0xf_0001].map(nr => runFilter(filter, { arch: ARM, nr }))).toEqual([
			ALLOW,
			ENOSYS,
			ALLOW,
			ENOSYS,
		]);
	});
});

describe('several rules for one call', () => {
	const when = (value: number, action: string, errnoRet?: number): SeccompRule => ({
		names: ['read'],
		action,
		...(errnoRet === undefined ? {} : { errnoRet }),
		args: [{ index: 0, op: 'SCMP_CMP_EQ', value }],
	});

	it('let the first rule without arguments decide, wherever it stands', () => {
		const profile = denying([
			when(1, 'SCMP_ACT_KILL'),
			allow('read'),
			{ names: ['read'], action: 'SCMP_ACT_TRAP' },
			when(2, 'SCMP_ACT_KILL'),
		]);
		expect([0n, 1n, 2n].map(value => verdict(profile, 0, [value]))).toEqual([ALLOW, ALLOW, ALLOW]);
	});

	it('are tried in order, and leave the rest to the default', () => {
		const profile = denying([when(1, 'SCMP_ACT_ERRNO', 5), when(1, 'SCMP_ACT_ALLOW'), when(2, 'SCMP_ACT_ALLOW')]);
		expect([0n, 1n, 2n].map(value => verdict(profile, 0, [value]))).toEqual([errno(1), errno(5), ALLOW]);
	});

	it('add nothing where they return the default', () => {
		expect(verdict(denying([when(1, 'SCMP_ACT_ERRNO', 1), allow('read')]), 0, [1n])).toBe(ALLOW);
	});

	it('come of one rule that has two conditions on one argument', () => {
		const args = [
			{ index: 0, op: 'SCMP_CMP_EQ', value: 1 },
			{ index: 0, op: 'SCMP_CMP_EQ', value: 2 },
		];
		const profile = denying([{ names: ['read'], action: 'SCMP_ACT_ALLOW', args }]);
		expect([1n, 2n, 3n].map(value => verdict(profile, 0, [value]))).toEqual([ALLOW, ALLOW, errno(1)]);
	});

	it('compare every high word of a range', () => {
		const allowed = (op: string, value: bigint, argument: bigint): boolean => {
			const args = [{ index: 0, op, value }];
			return verdict(denying([{ names: ['read'], action: 'SCMP_ACT_ALLOW', args }]), 0, [argument]) === ALLOW;
		};
		const words = [0n, 1n, 2n, 3n, 0xffff_fffdn, 0xffff_fffen, 0xffff_ffffn];
		const values = words.flatMap(high => [0n, 5n, 0xffff_ffffn].map(low => (high << 32n) + low));
		for (const value of values) {
			for (const op of ['SCMP_CMP_LT', 'SCMP_CMP_GT']) {
				expect({ op, value, allowed: values.filter(argument => allowed(op, value, argument)) }).toEqual({
					op,
					value,
					allowed: values.filter(argument => MEANING[op]?.(argument, value, 0n)),
				});
			}
		}
	});

	it('mean what they say, for random rules on 64 and 32 bits', () => {
		const values = [
			0n,
			1n,
			5n,
			0x7fff_ffffn,
			0x8000_0000n,
			0xffff_fffen,
			0xffff_ffffn,
			0x1_0000_0000n,
			0x1_0000_0001n,
		].concat([0x5_0000_0004n, 0x5_0000_0005n, 0x5_0000_0006n, 0xffff_ffff_ffff_fffen, 0xffff_ffff_ffff_ffffn]);
		const random = generator(7);
		const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
		for (let round = 0; round < 300; round++) {
			const syscalls = Array.from({ length: 1 + random(5) }, () => ({
				names: ['ioctl'],
				action: pick(['SCMP_ACT_ALLOW', 'SCMP_ACT_TRAP']),
				args: Array.from({ length: 1 + random(3) }, (_, index) => ({
					index,
					op: pick(Object.keys(MEANING)),
					value: pick(values),
					valueTwo: pick(values),
				})),
			}));
			const { filter } = compile(denying(syscalls, { architectures: ['SCMP_ARCH_X86'] }));
			for (const { arch, nr, mask } of [
				{ arch: X86_64, nr: 16, mask: 0xffff_ffff_ffff_ffffn },
				{ arch: X86, nr: 54, mask: 0xffff_ffffn },
			]) {
				for (let call = 0; call < 60; call++) {
					const args = [pick(values), pick(values), pick(values)].map(value => value & mask);
					const first = syscalls.find(rule =>
						rule.args.every(({ index, op, value, valueTwo }) =>
							MEANING[op]?.(args[index] as bigint, value & mask, valueTwo & mask),
						),
					);
					const expected = first === undefined ? errno(1) : first.action === 'SCMP_ACT_ALLOW' ? ALLOW : 0x0003_0000;
					expect({ syscalls, args, verdict: runFilter(filter, { arch, nr, args }) }).toEqual({
						syscalls,
						args,
						verdict: expected,
					});
				}
			}
		}
	});
});

const MEANING: Readonly<Record<string, (argument: bigint, value: bigint, two: bigint) => boolean>> = {
	SCMP_CMP_NE: (argument, value) => argument !== value,
	SCMP_CMP_LT: (argument, value) => argument < value,
	SCMP_CMP_LE: (argument, value) => argument <= value,
	SCMP_CMP_EQ: (argument, value) => argument === value,
	SCMP_CMP_GE: (argument, value) => argument >= value,
	SCMP_CMP_GT: (argument, value) => argument > value,
	SCMP_CMP_MASKED_EQ: (argument, mask, value) => (argument & mask) === value,
};

describe('actions and flags', () => {
	it('are the values of linux/seccomp.h', () => {
		const rule = (name: string, action: string): SeccompRule => ({ names: [name], action });
		const profile = denying(
			[
				rule('read', 'SCMP_ACT_KILL'),
				rule('write', 'SCMP_ACT_KILL_THREAD'),
				rule('open', 'SCMP_ACT_KILL_PROCESS'),
				rule('close', 'SCMP_ACT_TRAP'),
				{ ...rule('stat', 'SCMP_ACT_ERRNO'), errnoRet: 7 },
				{ ...rule('fstat', 'SCMP_ACT_TRACE'), errnoRet: 9 },
				rule('lstat', 'SCMP_ACT_TRACE'),
				rule('poll', 'SCMP_ACT_LOG'),
				rule('lseek', 'SCMP_ACT_NOTIFY'),
				rule('mmap', 'SCMP_ACT_ALLOW'),
			],
			{ defaultErrnoRet: 13 },
		);
		expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(nr => verdict(profile, nr).toString(16))).toEqual([
			'0',
			'0',
			'80000000',
			'30000',
			'50007',
			'7ff00009',
			'7ff00001',
			'7ffc0000',
			'7fc00000',
			'7fff0000',
		]);
		expect(verdict({ ...profile, syscalls: [allow('mmap')] }, 1)).toBe(errno(13));
	});

	it('ask for a listener where a rule notifies', () => {
		expect(compile(denying([{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }])).flags).toBe((1 << 3) | 4);
		expect(compile(denying([allow('read')], { flags: [] })).flags).toBe(0);
	});

	it('combine', () => {
		const flags = ['LOG', 'SPEC_ALLOW', 'TSYNC', 'WAIT_KILLABLE_RECV'].map(flag => `SECCOMP_FILTER_FLAG_${flag}`);
		expect(flags.map(flag => compile(denying([], { flags: [flag] })).flags)).toEqual([2, 4, 0, 0]);
		expect(compile(denying([], { flags })).flags).toBe(2 | 4);
	});

	it('wait killably only for an agent: the kernel takes no such flag without one', () => {
		const notify = { names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' };
		expect(compile(denying([notify], { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] })).flags).toBe(8 | 32);
	});
});

describe('a bad profile', () => {
	const withArg = (arg: object): Seccomp =>
		denying([allow('write'), { ...allow('read'), args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0, ...arg }] }]);
	const cases: readonly (readonly [string, Seccomp, string])[] = [
		['default action', { defaultAction: 'ALLOW' }, 'seccomp action "ALLOW" at /linux/seccomp/defaultAction is unknown'],
		[
			'inherited name as action',
			{ defaultAction: 'constructor' },
			'seccomp action "constructor" at /linux/seccomp/defaultAction is unknown',
		],
		[
			'rule action',
			denying([allow('read'), { names: ['read'], action: '' }]),
			'seccomp action "" at /linux/seccomp/syscalls/1/action is unknown',
		],
		[
			'architecture',
			denying([], { architectures: ['SCMP_ARCH_X86', 'amd64'] }),
			'seccomp architecture "amd64" at /linux/seccomp/architectures/1 is unknown',
		],
		['flag', denying([], { flags: ['LOG'] }), 'seccomp flag "LOG" at /linux/seccomp/flags/0 is unknown'],
		['operator', withArg({ op: 'EQ' }), 'seccomp operator "EQ" at /linux/seccomp/syscalls/1/args/0/op is unknown'],
		['argument index', withArg({ index: 6 }), 'argument 6 at /linux/seccomp/syscalls/1/args/0/index does not exist'],
		[
			'negative value',
			withArg({ value: -1 }),
			'seccomp value -1 at /linux/seccomp/syscalls/1/args/0/value is out of range',
		],
		[
			'fraction',
			withArg({ valueTwo: 0.5 }),
			'seccomp value 0.5 at /linux/seccomp/syscalls/1/args/0/valueTwo is out of range',
		],
		[
			'65 bits',
			withArg({ value: 1n << 64n }),
			'seccomp value 18446744073709551616 at /linux/seccomp/syscalls/1/args/0/value is out of range',
		],
		[
			'errno of allow',
			{ defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 },
			'seccomp action SCMP_ACT_ALLOW takes no errno, but /linux/seccomp/defaultErrnoRet is set',
		],
		[
			'large errno',
			denying([{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 4096 }]),
			'errno 4096 at /linux/seccomp/syscalls/0/errnoRet is out of range',
		],
		[
			'notify by default',
			{ defaultAction: 'SCMP_ACT_NOTIFY' },
			'seccomp action SCMP_ACT_NOTIFY at /linux/seccomp/defaultAction is no default',
		],
		['empty name', denying([allow('read', '')]), 'system call name at /linux/seccomp/syscalls/0/names/1 is empty'],
	];
	for (const [title, profile, message] of cases) {
		it(`is refused with its place: ${title}`, () => {
			expect(() => compile(profile)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_SECCOMP', message }));
		});
	}
});

/** Small numbers from a fixed seed (xorshift), so that a failure can be run again. */
function generator(seed: number): (below: number) => number {
	let state = seed;
	return below => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}
