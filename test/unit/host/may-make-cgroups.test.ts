import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mayMakeCgroups } from '../../../src/host/may-make-cgroups.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-test-'));
afterAll(() => rmSync(dir, { recursive: true }));
const hierarchy = (mountpoint: string) => ({ mountpoint, root: '/', self: '/', writable: true, controllers: ['pids'] });

it('wants a right to write in every hierarchy', () => {
	const made = [hierarchy(dir), hierarchy(dir)];
	expect(mayMakeCgroups({ mode: 'legacy', hierarchies: made })).toBe(true);
	const absent = hierarchy(join(dir, 'absent'));
	expect(mayMakeCgroups({ mode: 'legacy', hierarchies: [...made, absent] })).toBe(false);
});
