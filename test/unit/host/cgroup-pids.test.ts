import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pidsBelow } from '../../../src/host/cgroup-pids.ts';

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tsrun-pids-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('lists the processes of a cgroup and of those below', () => {
	mkdirSync(join(directory, 'a/b'), { recursive: true });
	writeFileSync(join(directory, 'cgroup.procs'), '1\n20\n');
	writeFileSync(join(directory, 'a/cgroup.procs'), '');
	writeFileSync(join(directory, 'a/b/cgroup.procs'), '300\n');
	expect([...pidsBelow(directory)].sort((a, b) => a - b)).toEqual([1, 20, 300]);
});

it('lists nothing of one that is gone, and does not hide another failure', () => {
	expect(pidsBelow(join(directory, 'gone'))).toEqual([]);
	mkdirSync(join(directory, 'cgroup.procs'));
	expect(() => pidsBelow(directory)).toThrow(/EISDIR/);
});
