import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePlan } from '../../src/native/encode.ts';
import type { Plan } from '../../src/plan/step.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const notes = { phase: 'process', why: 'a test' } as const;
const PLAN: Plan = {
	version: 1,
	cloneFlags: 0x20000,
	setup: [
		{ op: 'mkdir', path: '/sys/fs/cgroup/tsrun', mode: 0o755, tolerate: [17], ...notes },
		{ op: 'write', path: '/sys/fs/cgroup/tsrun/pids.max', data: '100', ...notes },
		{ op: 'clone', flags: 0x20000, ...notes },
		{ op: 'turn', ...notes },
	],
	init: [
		{ op: 'seccomp', filter: new Uint8Array(800).fill(6), flags: 0, ...notes },
		{ op: 'exec', paths: ['/bin/sh', '/usr/bin/sh'], argv: ['sh', '-c', ''], env: ['A=b', 'PATH=/bin'], ...notes },
	],
	teardown: [{ op: 'removeTree', path: '/run/tsrun/x', after: 0, ...notes }],
};

describe('the decoder of plans', () => {
	let directory = '';
	let fuzz = '';

	beforeAll(async () => {
		directory = mkdtempSync(join(tmpdir(), 'tsrun-decode-'));
		fuzz = join(directory, 'fuzz');
		const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
		await execa('cc', [
			'-std=gnu11',
			'-O1',
			'-g',
			...sanitize,
			join(import.meta.dirname, 'decode-fuzz.c'),
			join(ROOT, 'native/decode.c'),
			'-o',
			fuzz,
		]);
	});

	afterAll(() => rmSync(directory, { recursive: true, force: true }));

	it('accepts what the encoder writes, and survives a million mutations of it under sanitizers', async () => {
		const plan = join(directory, 'plan');
		writeFileSync(plan, encodePlan(PLAN, { reporter: ['/usr/bin/node', 'report'], notes: JSON.stringify(PLAN) }));
		const { stdout } = await execa(fuzz, [plan, '1000000', '20260101']);
		const [accepted] = stdout.split(' ').map(Number);
		// Mutations of text and numbers leave a valid plan; those of offsets and counts must not all pass.
		expect(accepted).toBeGreaterThan(1000);
		expect(accepted).toBeLessThan(950_000);
	});

	it('refuses an empty, a short and a foreign file', async () => {
		for (const bytes of [
			new Uint8Array(0),
			new Uint8Array(63),
			encodePlan(PLAN).subarray(0, 200),
			Buffer.from('ELF'.repeat(100)),
		]) {
			const path = join(directory, 'bad');
			writeFileSync(path, bytes);
			expect((await execa(fuzz, [path, '0', '1'], { reject: false })).exitCode).toBe(2);
		}
	});
});

describe('the C sources', () => {
	it('are clean under gcc -fanalyzer', async () => {
		const sources = readdirSync(join(ROOT, 'native')).filter(name => name.endsWith('.c') && name !== 'addon.c');
		expect(sources.length).toBeGreaterThan(10);
		for (const name of sources) {
			await execa('gcc', [
				'-std=gnu11',
				'-O2',
				'-Wall',
				'-Wextra',
				'-Wshadow',
				'-Werror',
				'-fanalyzer',
				'-c',
				join(ROOT, 'native', name),
				'-o',
				'/dev/null',
			]);
		}
	});
});
