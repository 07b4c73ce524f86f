import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isFrozen } from '../../../src/host/frozen.ts';

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tsrun-frozen-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it.each([
	['cgroup.freeze', '1\n', true],
	['cgroup.freeze', '0\n', false],
	['cgroup.events', 'populated 1\nfrozen 1\n', true],
	['cgroup.events', 'populated 1\nfrozen 0\n', false],
	['freezer.state', 'FROZEN\n', true],
	['freezer.state', 'FREEZING\n', true],
	['freezer.state', 'THAWED\n', false],
])('reads %s %j as %s', (file, text, expected) => {
	writeFileSync(join(directory, file), text);
	expect(isFrozen(directory)).toBe(expected);
});

it('takes a cgroup without a freezer, or that is gone, as not frozen', () => {
	expect(isFrozen(directory)).toBe(false);
	expect(isFrozen(join(directory, 'gone'))).toBe(false);
});
