import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSeccomp } from '../../src/plan/seccomp/compile-seccomp.ts';
import { DEFAULT_CAPABILITIES } from '../../src/spec/default-capabilities.ts';
import { defaultSeccomp } from '../../src/spec/default-seccomp.ts';

const EPERM = 1;
const ENOSYS = 38;
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

describe('the kernel', () => {
	let directory: string;
	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), 'tsrun-seccomp-'));
		const source = join(import.meta.dirname, 'seccomp-load.c');
		execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', join(directory, 'load'), source], { stdio: 'pipe' });
	});
	afterAll(() => rmSync(directory, { recursive: true }));

	const load = (flags: readonly string[]): Record<string, number> => {
		const profile = defaultSeccomp({ capabilities: DEFAULT_CAPABILITIES, arch, kernel: { major: 6, minor: 1 } });
		const { filter, flags: mask } = compileSeccomp({ ...profile, flags }, { arch, pointer: '/linux/seccomp' });
		const output = execFileSync(join(directory, 'load'), [String(mask)], { input: filter, encoding: 'utf8' });
		return Object.fromEntries(
			output
				.trim()
				.split('\n')
				.map(line => line.split(' '))
				.map(([name, errno]) => [name, Number(errno)]),
		);
	};

	for (const flags of [[], ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW']]) {
		it(`takes the default profile with ${flags.length} flags and gives its verdicts`, () => {
			expect(load(flags)).toEqual({
				getpid: 0,
				'socket-unix': 0,
				'socket-alg': EPERM,
				'personality-query': 0,
				'personality-4': EPERM,
				unshare: EPERM,
				clone3: ENOSYS,
				acct: EPERM,
				'number-2000': ENOSYS,
			});
		});
	}
});
