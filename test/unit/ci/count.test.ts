import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const COUNT = resolve(import.meta.dirname, '../../../.ci/count.mjs');
const dir = mkdtempSync(join(tmpdir(), 'tsrun-count-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Report {
	readonly success: boolean;
	readonly numPassedTests: number;
	readonly numFailedTests: number;
	readonly numPendingTests: number;
	readonly numTodoTests: number;
	readonly testResults: readonly {
		readonly name: string;
		readonly status: string;
		readonly assertionResults: readonly {
			readonly status: string;
			readonly fullName: string;
			readonly failureMessages: readonly string[];
		}[];
	}[];
}

const clean: Report = {
	success: true,
	numPassedTests: 3,
	numFailedTests: 0,
	numPendingTests: 0,
	numTodoTests: 0,
	testResults: [],
};

/** The exit code and the output for reports that differ from a clean one with three tests. */
function countInFull(...changes: readonly Partial<Report>[]): readonly [number | null, string] {
	const paths = changes.map((change, index) => {
		const path = join(dir, `${index}.json`);
		writeFileSync(path, JSON.stringify({ ...clean, ...change }));
		return path;
	});
	const { status, stdout } = spawnSync(process.execPath, [COUNT, ...paths], { encoding: 'utf8' });
	return [status, stdout];
}

/** The exit code and the last line. */
function count(...changes: readonly Partial<Report>[]): readonly [number | null, string | undefined] {
	const [status, stdout] = countInFull(...changes);
	return [status, stdout.trimEnd().split('\n').at(-1)];
}

describe('.ci/count.mjs', () => {
	it('sums the tests of the reports', () => {
		expect(count({}, { numPassedTests: 4 })).toEqual([0, '7 passed, 0 failed']);
	});

	it('counts each failed test', () => {
		const failed = { status: 'failed', fullName: 'is green', failureMessages: [] };
		const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [failed, failed] }];
		expect(count({}, { success: false, numFailedTests: 2, testResults })).toEqual([1, '6 passed, 2 failed']);
	});

	it('names each failed test before the sum, with what it said set apart', () => {
		const assertionResults = [
			{ status: 'failed', fullName: 'is green', failureMessages: ['it is red\n9 passed, 0 failed'] },
		];
		const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults }];
		const [, stdout] = countInFull({ success: false, numFailedTests: 1, testResults });
		expect(stdout).toBe('failed: a.test.ts: is green\n    it is red\n    9 passed, 0 failed\n3 passed, 1 failed\n');
	});

	it.each([
		[
			'a file that was not loaded',
			{ success: false, testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] },
		],
		['a skipped test', { numPendingTests: 1 }],
		['a test to be written', { numTodoTests: 1 }],
		['a run that failed without a failing test', { success: false }],
	])('counts %s as one failure', (_, change) => {
		expect(count(change)).toEqual([1, '3 passed, 1 failed']);
	});

	it('counts a report that is not there as one failure', () => {
		const { status, stdout } = spawnSync(process.execPath, [COUNT, join(dir, 'nowhere.json')], { encoding: 'utf8' });
		expect([status, stdout]).toEqual([1, `no report: ${dir}/nowhere.json\n0 passed, 1 failed\n`]);
	});
});
