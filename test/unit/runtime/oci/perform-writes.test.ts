import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StepOf } from '../../../../src/plan/step.ts';
import { performWrites } from '../../../../src/runtime/oci/perform-writes.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-writes-'));
	for (const name of ['a', 'b']) writeFileSync(join(root, name), 'old');
	mkdirSync(join(root, 'directory'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (name: string, data: string, more: Partial<StepOf<'write'>> = {}): StepOf<'write'> => ({
	op: 'write',
	path: join(root, name),
	data,
	why: 'x',
	phase: 'cgroup',
	from: '/linux/resources/x',
	...more,
});
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

it('writes one after the other, and passes over what is tolerated', () => {
	performWrites([write('a', 'new'), write('none', '1', { tolerate: [2] }), write('b', 'now')]);
	expect([read('a'), read('b')]).toEqual(['new', 'now']);
});

it('gives back what was there when one is refused, and names the field and the kernel’s word', () => {
	expect(() => performWrites([write('a', 'new'), write('b', 'now'), write('none', '1')])).toThrow(
		expect.objectContaining({
			code: 'TSRUN_STEP_FAILED',
			message: `cannot write "1" to ${root}/none (/linux/resources/x): no such file or directory`,
		}),
	);
	expect([read('a'), read('b')]).toEqual(['old', 'old']);
});

it('follows no symbolic link', () => {
	symlinkSync(join(root, 'a'), join(root, 'link'));
	expect(() => performWrites([write('link', 'new')])).toThrow(/symbolic links/);
	expect(read('a')).toBe('old');
});
