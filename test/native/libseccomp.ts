import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Seccomp, SeccompArg } from '../../src/oci/runtime-spec.ts';
import { returnValue } from '../../src/plan/seccomp/actions.ts';

const SOURCE = join(import.meta.dirname, 'seccomp-export.c');
const ARCH_NAMES: Readonly<Record<string, string>> = {
	SCMP_ARCH_X86_64: 'x86_64',
	SCMP_ARCH_X86: 'x86',
	SCMP_ARCH_X32: 'x32',
};

export interface Libseccomp {
	/** The filter that libseccomp makes of a profile on this machine. */
	compile(profile: Seccomp): Uint8Array;
	/** `arch name` → number, for each name and each of libseccomp's names of our ABIs; negative where there is none. */
	numbers(names: readonly string[]): ReadonlyMap<string, number>;
	close(): void;
}

/** Builds the program around libseccomp; needs a C compiler and libseccomp-dev. */
export function buildLibseccomp(): Libseccomp {
	const directory = mkdtempSync(join(tmpdir(), 'tsrun-libseccomp-'));
	const binary = join(directory, 'seccomp-export');
	execFileSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', binary, SOURCE, '-lseccomp'], { stdio: 'pipe' });
	return {
		compile: profile => execFileSync(binary, { input: linesOf(profile), maxBuffer: 1 << 26 }),
		numbers: names => {
			const output = execFileSync(binary, ['numbers'], {
				input: names.join('\n'),
				encoding: 'utf8',
				maxBuffer: 1 << 26,
			});
			return new Map(
				output
					.trim()
					.split('\n')
					.map(line => line.split(' '))
					.map(([arch, name, number]) => [`${arch} ${name}`, Number(number)]),
			);
		},
		close: () => rmSync(directory, { recursive: true }),
	};
}

/** Every name that libseccomp's header lists. */
export function libseccompNames(): readonly string[] {
	const header = readFileSync('/usr/include/seccomp-syscalls.h', 'utf8');
	return [...new Set([...header.matchAll(/^#define __SNR_(\w+)\s/gm)].map(match => match[1] as string))];
}

function linesOf(profile: Seccomp): string {
	const action = (name: string, errnoRet: number | undefined): number =>
		returnValue({ action: name, errnoRet, actionPointer: '', errnoPointer: '' });
	const rules = (profile.syscalls ?? []).flatMap(rule =>
		rule.names.map(name =>
			['rule', action(rule.action, rule.errnoRet), name, ...(rule.args ?? []).map(wordsOf)].join(' '),
		),
	);
	return [
		`default ${action(profile.defaultAction, profile.defaultErrnoRet)}`,
		...(profile.architectures ?? []).map(name => `arch ${ARCH_NAMES[name]}`),
		...rules,
		'',
	].join('\n');
}

function wordsOf({ index, op, value, valueTwo }: SeccompArg): string {
	return [index, op.slice('SCMP_CMP_'.length), value, valueTwo ?? 0].join(' ');
}
