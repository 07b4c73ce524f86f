import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addon, initProgramPath } from '../../../src/native/load-addon.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
let inside: string;
let outside: string;

/** A program that is built from the loader: in dist, it is one of many. */
const PROGRAM = `
import { addon, initProgramPath } from '${ROOT}/src/native/load-addon.ts';
try {
	console.log(JSON.stringify([typeof addon().syscall, initProgramPath()]));
} catch (error) {
	console.log(JSON.stringify([error.code, error.message, error.hint]));
}`;

beforeAll(async () => {
	mkdirSync(join(ROOT, 'build'), { recursive: true });
	inside = mkdtempSync(join(ROOT, 'build/test-'));
	outside = mkdtempSync(join(tmpdir(), 'tsrun-loader-'));
	writeFileSync(join(inside, 'program.ts'), PROGRAM);
	const build = await rolldown({ input: join(inside, 'program.ts'), platform: 'node', logLevel: 'silent' });
	await build.write({ file: join(inside, 'program.mjs') });
	await build.write({ file: join(outside, 'program.mjs') });
	await build.close();
	symlinkSync(join(inside, 'program.mjs'), join(outside, 'link'));
});

afterAll(() => {
	rmSync(inside, { recursive: true });
	rmSync(outside, { recursive: true });
});

const run = (path: string) => JSON.parse(spawnSync(process.execPath, [path], { cwd: '/', encoding: 'utf8' }).stdout);

describe('the loader', () => {
	it('finds the addon and the program from the sources', () => {
		expect(addon().syscall).toBeTypeOf('function');
		expect(addon()).toBe(addon());
		expect(initProgramPath()).toBe(join(ROOT, 'build/Release/tsrun-init'));
		expect(statSync(initProgramPath()).mode & 0o111).toBe(0o111);
	});

	it('finds them from a bundle, called by a link in another directory', () => {
		expect(run(join(outside, 'link'))).toEqual(['function', join(ROOT, 'build/Release/tsrun-init')]);
	});

	it('names every path that it tried', () => {
		writeFileSync(join(outside, 'binding.gyp'), '{}');
		const [code, message, hint] = run(join(outside, 'program.mjs'));
		expect(code).toBe('TSRUN_NO_ADDON');
		expect(message).toContain(join(outside, 'build/Release/tsrun.node'));
		expect(message).toContain(join(outside, 'build/Debug/tsrun.node'));
		expect(hint).toBe(`npm install in ${outside} builds it`);
	});
});
