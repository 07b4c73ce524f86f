import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { flock } from '../native/syscalls.ts';
import type { Store } from './open-store.ts';

const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 50;

/**
 * Runs `work` while this process holds a lock of the store (flock(2), so that the kernel lets go of it however the process
 * ends). Never take a second lock inside `work`, except an inner one that nobody holds while waiting: see `CONTENT_LOCK`.
 */
export async function withLock<T>(
	store: Store,
	{ name, kind }: { readonly name: string; readonly kind: 'shared' | 'exclusive' },
	work: () => T | Promise<T>,
): Promise<T> {
	const fd = openSync(join(store.locks, name), 'a', 0o600);
	try {
		for (let wait = FIRST_WAIT_MS; !flock(fd, kind, true); wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
			await setTimeout(wait);
		}
		return await work();
	} finally {
		closeSync(fd);
	}
}

/** Shared while an image is added, exclusive while one is removed: nothing vanishes between a check and its use. */
export const CONTENT_LOCK = 'content';
/** Exclusive around a change of index.json; taken inside of the content lock and never the other way round. */
export const INDEX_LOCK = 'index';
