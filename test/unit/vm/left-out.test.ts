import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const SCRIPT = join(ROOT, 'test/vm/left-out.mjs');

interface Entry {
	readonly file: string;
	readonly why: string;
}

const { REDUCED, WHOLE } = (await import(SCRIPT)) as {
	readonly REDUCED: readonly (Entry & { readonly what: string })[];
	readonly WHOLE: readonly Entry[];
};

function kernelTests(): readonly string[] {
	return readdirSync(join(ROOT, 'test/kernel'), { recursive: true, encoding: 'utf8' })
		.filter(path => path.endsWith('.test.ts'))
		.map(path => join('test/kernel', path));
}

it.each([
	['whole files', WHOLE],
	['reduced files', REDUCED],
])('the list of %s names files that are there, each once, with a reason', (_, list) => {
	const files = list.map(({ file }) => file);
	expect(files.filter(file => !existsSync(join(ROOT, file)))).toEqual([]);
	expect(new Set(files).size).toBe(files.length);
	expect(list.filter(({ why }) => why === '')).toEqual([]);
});

it('a kernel test takes less on a slow machine where the list names it, and nowhere else', () => {
	const isReduced = (file: string): boolean => /\bSTRIDE\b/.test(readFileSync(join(ROOT, file), 'utf8'));
	expect(kernelTests().filter(isReduced).toSorted()).toEqual(REDUCED.map(({ file }) => file).toSorted());
});

it('no kernel test asks by itself whether the machine is slow, or leaves a test out', () => {
	const other = /SLOWNESS\s*[<>=!?]|TSRUN_TEST_SLOW|\.(skip|todo|only|skipIf|runIf)\b/;
	expect(kernelTests().filter(file => other.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

it('the script prints the list', () => {
	const { status, stdout } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' });
	expect(status).toBe(0);
	for (const { file, why } of WHOLE) expect(stdout).toContain(`${file}: all of it, since ${why}\n`);
	const others = REDUCED.filter(({ file }) => !WHOLE.some(entry => entry.file === file));
	for (const { file, what, why } of others) expect(stdout).toContain(`${file}: it tries ${what}, since ${why}\n`);
});
