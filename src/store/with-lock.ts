import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from '../core/paths.ts';
import { flock } from '../native/syscalls.ts';
import type { Store } from './open-store.ts';

const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 50;

interface Lock {
	readonly name: string;
	readonly kind: 'shared' | 'exclusive';
}

/**
 * Runs `work` while this process holds a lock of the store (flock(2), so that the kernel lets go of it however the process
 * ends). Never take a second lock inside `work`, except an inner one that nobody holds while waiting: see `CONTENT_LOCK`.
 */
export async function withLock<T>(store: Store, lock: Lock, work: () => T | Promise<T>): Promise<T> {
	const fd = await take(join(store.locks, lock.name), lock.kind);
	try {
		return await work();
	} finally {
		closeSync(fd);
	}
}

/** A file that was removed while this process waited for it is not what others wait for. */
async function take(path: string, kind: Lock['kind']): Promise<number> {
	for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
		const fd = openSync(path, 'a', 0o600);
		if (flock(fd, kind, true) && fstatSync(fd).ino === statSync(path, { throwIfNoEntry: false })?.ino) return fd;
		closeSync(fd);
		await setTimeout(wait);
	}
}

/**
 * Exclusive while content is removed, shared for the moments in which somebody says what must not be (`withWorkspace`). Nobody
 * holds it for long.
 */
export const CONTENT_LOCK = 'content';
/** Exclusive around a change of index.json; taken inside of the content lock and never the other way round. */
export const INDEX_LOCK = 'index';
