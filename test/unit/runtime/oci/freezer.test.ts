import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freeze, isFrozen, thaw } from '../../../../src/runtime/oci/freezer.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-freezer-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A cgroup of files that hold what is written into them. */
function cgroup(name: string, files: Readonly<Record<string, string>>): string {
	mkdirSync(join(root, name));
	for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text);
	return join(root, name);
}
const read = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8');

it('freezes by cgroup2 where it is, also beside v1, and thaws both', () => {
	const unified = cgroup('v2', { 'cgroup.freeze': '0', 'cgroup.events': 'populated 1\nfrozen 1\n' });
	const freezer = cgroup('v1', { 'freezer.state': 'THAWED' });
	freeze({ unified, freezer });
	expect([read(unified, 'cgroup.freeze'), read(freezer, 'freezer.state')]).toEqual(['1', 'THAWED']);
	expect(isFrozen({ unified, freezer })).toBe(true);
	thaw({ unified, freezer });
	expect(read(unified, 'cgroup.freeze')).toBe('0');
	expect(isFrozen({ unified, freezer })).toBe(false);
});

it('freezes by v1 where cgroup2 has no freezer', () => {
	const unified = cgroup('v2', { 'cgroup.procs': '' });
	const freezer = cgroup('v1', { 'freezer.state': 'THAWED' });
	freeze({ unified, freezer });
	expect(read(freezer, 'freezer.state')).toBe('FROZEN');
	expect(isFrozen({ unified, freezer })).toBe(true);
	expect(existsSync(join(unified, 'cgroup.freeze'))).toBe(false);
});

it('says so where there is no freezer, and takes a cgroup that is gone as thawed', () => {
	expect(() => freeze({ memory: root })).toThrow(expect.objectContaining({ code: 'TSRUN_FREEZER' }));
	expect(isFrozen({ unified: join(root, 'gone'), freezer: join(root, 'gone') })).toBe(false);
	expect(() => thaw({ unified: join(root, 'gone'), freezer: join(root, 'gone') })).not.toThrow();
});
