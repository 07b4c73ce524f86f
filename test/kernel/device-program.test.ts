import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceRule } from '../../src/oci/runtime-spec.ts';
import { deviceProgram } from '../../src/plan/devices/device-program.ts';
import { DEFAULT_RULES, generator, randomRules } from '../unit/plan/devices/device-rule-cases.ts';

const EPERM = 1;

describe('the kernel', () => {
	let directory: string;
	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), 'tsrun-device-program-'));
		const source = join(import.meta.dirname, 'device-program.c');
		execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', join(directory, 'try'), source], { stdio: 'pipe' });
	});
	afterAll(() => rmSync(directory, { recursive: true }));

	/** What the devices say to a process under the rules: errno by name. */
	const attempt = (rules: readonly DeviceRule[]): Record<string, number> => {
		const work = mkdtempSync(join(directory, 'work-'));
		const command = ['--mount', '--propagation', 'private', join(directory, 'try'), work];
		const output = execFileSync('unshare', command, { input: deviceProgram(rules), encoding: 'utf8', stdio: 'pipe' });
		return Object.fromEntries(
			output
				.trim()
				.split('\n')
				.map(line => line.split(' '))
				.map(([name, errno]) => [name, Number(errno)]),
		);
	};

	it("gives docker's devices and no other", () => {
		expect(attempt(DEFAULT_RULES)).toEqual({
			load: 0,
			'open:/dev/null:rw': 0,
			'open:/dev/zero:r': EPERM,
			'open:/dev/zero:w': EPERM,
			'open:/dev/zero:rw': EPERM,
			'open:/dev/full:r': EPERM,
			'open:/dev/urandom:r': EPERM,
			'mknod:c:10:200': 0,
			'mknod:b:7:0': 0,
		});
	});

	it('tells reading, writing and mknod apart', () => {
		const rules: readonly DeviceRule[] = [
			{ allow: true },
			{ allow: false, type: 'c', major: 1, minor: 5, access: 'w' },
			{ allow: false, type: 'c', major: 1, minor: 7 },
			{ allow: false, type: 'b', access: 'm' },
		];
		expect(attempt(rules)).toEqual({
			load: 0,
			'open:/dev/null:rw': 0,
			'open:/dev/zero:r': 0,
			'open:/dev/zero:w': EPERM,
			'open:/dev/zero:rw': EPERM,
			'open:/dev/full:r': EPERM,
			'open:/dev/urandom:r': 0,
			'mknod:c:10:200': 0,
			'mknod:b:7:0': EPERM,
		});
	});

	it('takes the program of any rules', () => {
		const random = generator(3);
		for (let round = 0; round < 20; round++) expect(attempt(randomRules(random)).load).toBe(0);
		const many = Array.from(
			{ length: 500 },
			(_, minor) => ({ allow: true, type: 'c', major: 10, minor, access: 'rw' }) as const,
		);
		expect(attempt([{ allow: false }, ...many]).load).toBe(0);
	});
});
