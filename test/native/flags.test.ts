import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as linux from '../../src/linux.ts';
import { CAPABILITIES } from '../../src/oci/capabilities.ts';
import * as planned from '../../src/plan/linux-constants.ts';

const HEADERS = [
	'stdio.h',
	'errno.h',
	'fcntl.h',
	'sched.h',
	'signal.h',
	'sys/mman.h',
	'sys/mount.h',
	'sys/resource.h',
	'sys/socket.h',
	'sys/stat.h',
	'sys/xattr.h',
	'linux/capability.h',
	'linux/openat2.h',
	'linux/prctl.h',
];

/** Younger than the headers of some machines that tsrun builds on. */
const YOUNG = { MFD_NOEXEC_SEAL: 0x8, MFD_EXEC: 0x10, PIDFD_NONBLOCK: 'O_NONBLOCK', MS_NOSYMFOLLOW: 256 };

/** What the headers of this machine say that the names are. */
function numbersOfHeaders(names: readonly string[]): Readonly<Record<string, number>> {
	const folder = mkdtempSync(join(tmpdir(), 'tsrun-flags-'));
	const source = [
		'#define _GNU_SOURCE',
		...HEADERS.map(header => `#include <${header}>`),
		...Object.entries(YOUNG).map(([name, number]) => `#ifndef ${name}\n#define ${name} ${number}\n#endif`),
		'int main(void) {',
		...names.map(
			name => `printf("\\"${name}\\": %lld,\\n", (long long)${name === 'AT_FDCWD' ? '' : '(unsigned)'}(${name}));`,
		),
		'}',
	];
	try {
		writeFileSync(join(folder, 'flags.c'), source.join('\n'));
		execFileSync('cc', ['flags.c', '-o', 'flags'], { cwd: folder });
		const printed = execFileSync(join(folder, 'flags'), { encoding: 'utf8' });
		return JSON.parse(`{${printed.trimEnd().replace(/,$/, '')}}`);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const numbersIn = (values: object): Record<string, number> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number'));

const prefixed = (prefix: string, values: object) =>
	Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]));

describe('the numbers of flags', () => {
	it('are those of the kernel, in tsrun/linux', () => {
		const flags = numbersIn(linux);
		expect(Object.keys(flags).length).toBeGreaterThan(150);
		expect(flags).toEqual(numbersOfHeaders(Object.keys(flags)));
	});

	it('are those of the kernel, in plans', () => {
		const flags: Record<string, number> = {
			...numbersIn({ ...planned, EHOOK: undefined, INSIDE_PROC: undefined, CLOSE_RANGE_HELD: undefined }),
			...prefixed('CLONE', planned.CLONE),
			...prefixed('MS', planned.MS),
			...prefixed('PR', planned.PR),
			...planned.ERRNO,
			...planned.RLIMITS,
		};
		expect(flags).toEqual(numbersOfHeaders(Object.keys(flags)));
	});

	it("are the machine's own where the kernel has none", () => {
		const header = readFileSync(join(import.meta.dirname, '../../native/plan.h'), 'utf8');
		expect(Number(/^#define EHOOK (\d+)/m.exec(header)?.[1])).toBe(planned.EHOOK);
		expect(2 ** Number(/^#define INSIDE_PROC \(1ULL << (\d+)\)/m.exec(header)?.[1])).toBe(planned.INSIDE_PROC);
		expect(2 ** Number(/^#define HELD \(1U << (\d+)\)/m.exec(header)?.[1])).toBe(planned.CLOSE_RANGE_HELD);
	});

	it('number the capabilities in the order of the list that images are read with', () => {
		expect(CAPABILITIES.map(name => (linux as unknown as Record<string, number>)[name])).toEqual(
			CAPABILITIES.map((_, index) => index),
		);
	});
});
