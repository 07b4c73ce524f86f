import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_ARGS, OPS, PLAN_VERSION } from '../../../src/plan/op-table.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const header = readFileSync(resolve(ROOT, 'native/step_ops.h'), 'utf8');
const KIND_OF_LETTER: Readonly<Record<string, string>> = { i: 'int', s: 'str', b: 'bytes', v: 'strs' };

const numberOf = (macro: string): number => Number(new RegExp(`#define ${macro} (\\d+)`).exec(header)?.[1]);
const operations = [...header.matchAll(/\bOP\((OP_\w+), "(\w*)"\)/g)].map(match => ({
	name: match[1] ?? '',
	kinds: [...(match[2] ?? '')].map(letter => KIND_OF_LETTER[letter]),
}));

describe('native/step_ops.h', () => {
	it('numbers the operations in the order of the table, from 1', () => {
		expect(header).toMatch(/enum \{ OP_NONE, FOR_EACH_OP\(OP_NAME\) \};/);
		expect(operations.map(({ name }) => name.slice('OP_'.length).replaceAll('_', '').toLowerCase())).toEqual(
			Object.keys(OPS).map(name => name.toLowerCase()),
		);
	});

	it('gives the kinds of the arguments in the order of the table', () => {
		expect(operations.map(({ kinds }) => kinds)).toEqual(Object.values(OPS).map(({ args }) => Object.values(args)));
	});

	it('carries the version, the count and the limit of the table', () => {
		expect(numberOf('PLAN_VERSION')).toBe(PLAN_VERSION);
		expect(numberOf('OP_COUNT')).toBe(Object.keys(OPS).length);
		expect(numberOf('MAX_ARGS')).toBe(MAX_ARGS);
	});

	it('is what npm run generate writes', () => {
		expect(() =>
			execFileSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' }),
		).not.toThrow();
	});
});
