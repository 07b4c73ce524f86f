import { TsrunError } from '../../core/errors.ts';
import type { Abi } from './syscall-list.ts';

/** One of the machine's ways to make a system call. */
export interface AbiShape {
	readonly abi: Abi;
	/** Width of an argument as the filter compares it; x32 counts as 32-bit, as in libseccomp. */
	readonly bits: 32 | 64;
	/** Where the numbers of this ABI begin in seccomp_data.nr. */
	readonly base: number;
	/** Numbers from here on are private to the architecture and not a sign of how new a profile is. */
	readonly privateFrom: number;
}

/** One value of seccomp_data.arch (AUDIT_ARCH_*, linux/audit.h) and the ABIs that share it, by ascending base. */
export interface Machine {
	readonly audit: number;
	readonly abis: readonly AbiShape[];
}

export const X32_BASE = 0x4000_0000;

const ARM_PRIVATE = 0x0f_0000;
const shape = (abi: Abi, bits: 32 | 64, { base = 0, privateFrom = 0x1_0000_0000 } = {}): AbiShape => ({
	abi,
	bits,
	base,
	privateFrom,
});

/** By the architecture of the host, its own one first. */
const FAMILIES: Readonly<Record<'x64' | 'arm64', readonly Machine[]>> = {
	x64: [
		{ audit: 0xc000_003e, abis: [shape('x86_64', 64), shape('x32', 32, { base: X32_BASE })] },
		{ audit: 0x4000_0003, abis: [shape('x86', 32)] },
	],
	arm64: [
		{ audit: 0xc000_00b7, abis: [shape('arm64', 64)] },
		{ audit: 0x4000_0028, abis: [shape('arm', 32, { privateFrom: ARM_PRIVATE })] },
	],
};
const ABI_OF_NAME: Readonly<Record<string, Abi>> = {
	SCMP_ARCH_X86_64: 'x86_64',
	SCMP_ARCH_X86: 'x86',
	SCMP_ARCH_X32: 'x32',
	SCMP_ARCH_AARCH64: 'arm64',
	SCMP_ARCH_ARM: 'arm',
};
/** No kernel of x64 or arm64 runs these, so that a profile may list them to no effect. */
const ELSEWHERE =
	'MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB'
		.split(' ')
		.map(name => `SCMP_ARCH_${name}`);
export const ARCHITECTURE_NAMES: readonly string[] = [...Object.keys(ABI_OF_NAME), ...ELSEWHERE];

/**
 * The machines that a filter for this host lets in: the host's own always, its other ABIs when the profile lists them.
 * @throws TsrunError TSRUN_BAD_SECCOMP for a name that the runtime specification does not have
 */
export function machinesOf(names: readonly string[], arch: 'x64' | 'arm64', pointer: string): readonly Machine[] {
	const unknown = names.findIndex(name => !Object.hasOwn(ABI_OF_NAME, name) && !ELSEWHERE.includes(name));
	if (unknown >= 0) {
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`seccomp architecture ${JSON.stringify(names[unknown])} at ${pointer}/architectures/${unknown} is unknown`,
			{ hint: `known on this machine's kernel: ${Object.keys(ABI_OF_NAME).join(', ')}` },
		);
	}
	const native = FAMILIES[arch][0]?.abis[0]?.abi;
	const wanted = new Set([native, ...names.map(name => ABI_OF_NAME[name])]);
	return FAMILIES[arch]
		.map(({ audit, abis }) => ({ audit, abis: abis.filter(({ abi }) => wanted.has(abi)) }))
		.filter(({ abis }) => abis.length > 0);
}
