import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { openStore } from '../../../src/store/open-store.ts';
import { withLock } from '../../../src/store/with-lock.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-lock-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const store = openStore(dir);

async function overlap(kind: 'shared' | 'exclusive'): Promise<number> {
	let inside = 0;
	let most = 0;
	await Promise.all(
		Array.from({ length: 5 }, () =>
			withLock(store, { name: kind, kind }, async () => {
				most = Math.max(most, ++inside);
				await setTimeout(5);
				inside--;
			}),
		),
	);
	return most;
}

it('an exclusive lock has one holder, a shared one many', async () => {
	expect(await overlap('exclusive')).toBe(1);
	expect(await overlap('shared')).toBe(5);
});

it('is let go when the work fails', async () => {
	const failing = withLock(store, { name: 'x', kind: 'exclusive' }, () => Promise.reject(new Error('no')));
	await expect(failing).rejects.toThrow('no');
	expect(await withLock(store, { name: 'x', kind: 'exclusive' }, () => 'mine')).toBe('mine');
});

it('whose file is removed while somebody waits for it still has one holder', async () => {
	const lock = { name: 'gone', kind: 'exclusive' } as const;
	let inside = 0;
	let most = 0;
	const work = async (): Promise<void> => {
		most = Math.max(most, ++inside);
		await setTimeout(3);
		inside--;
		rmSync(join(store.locks, lock.name), { force: true });
	};
	await Promise.all(Array.from({ length: 8 }, () => withLock(store, lock, work)));
	expect(most).toBe(1);
	expect(existsSync(join(store.locks, lock.name))).toBe(false);
});
