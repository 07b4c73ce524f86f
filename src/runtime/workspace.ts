import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flock } from '../native/syscalls.ts';
import { removeTreeAt } from '../rootfs/layer-fs.ts';
import type { Store } from '../store/open-store.ts';
import { CONTENT_LOCK, withLock } from '../store/with-lock.ts';

const PREFIX = 'work-';
const KEEP_FILE = 'keep';

/** A piece of work that adds to the store, and what it holds there. */
export interface Workspace {
	/** The store, with a directory of this work's own for half-written things. */
	readonly store: Store;
	/** From now on until the end of the work, none of these is garbage: digests of blobs, names of layers. */
	readonly keep: (names: readonly string[]) => Promise<void>;
}

/**
 * Runs work with a directory of its own in `tmp`, locked by flock(2) while it goes on: a directory that nobody holds was left by a
 * process that was killed. Who removes content takes the content lock, reads what all workspaces keep, and so never takes away
 * what a load that goes on has found in the store; neither waits for the other longer than that.
 */
export async function withWorkspace<T>(store: Store, work: (workspace: Workspace) => T | Promise<T>): Promise<T> {
	const directory = `${PREFIX}${randomBytes(6).toString('hex')}`;
	const path = join(store.tmp, directory);
	const fd = await withLock(store, { name: CONTENT_LOCK, kind: 'shared' }, () => {
		mkdirSync(path, { mode: 0o700 });
		const opened = openSync(path, 'r');
		flock(opened, 'exclusive', true);
		return opened;
	});
	try {
		return await work({
			store: { ...store, tmp: path },
			keep: names =>
				withLock(store, { name: CONTENT_LOCK, kind: 'shared' }, () =>
					appendFileSync(join(path, KEEP_FILE), names.map(name => `${name}\n`).join(''), { mode: 0o600 }),
				),
		});
	} finally {
		removeTreeAt(store.tmp, directory);
		closeSync(fd);
	}
}

export interface Workspaces {
	/** What work that goes on keeps. */
	readonly kept: ReadonlySet<string>;
	/** Names in `tmp` that belong to nobody: of killed work. */
	readonly abandoned: readonly string[];
}

/** What is in `tmp`. The caller holds the content lock, exclusive, and the index lock. */
export function readWorkspaces(store: Store): Workspaces {
	const found = readdirSync(store.tmp).map(name => ({
		name,
		state: name.startsWith(PREFIX) ? stateOf(join(store.tmp, name)) : 'abandoned',
	}));
	const namesThatAre = (wanted: string): readonly string[] =>
		found.filter(({ state }) => state === wanted).map(({ name }) => name);
	const kept = namesThatAre('held').flatMap(name => readLines(join(store.tmp, name, KEEP_FILE)));
	return { kept: new Set(kept), abandoned: namesThatAre('abandoned') };
}

/** Work that ends takes its directory away without a lock. */
function stateOf(path: string): 'held' | 'abandoned' | 'gone' {
	let fd: number;
	try {
		fd = openSync(path, 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
		throw error;
	}
	try {
		return flock(fd, 'shared', true) ? 'abandoned' : 'held';
	} finally {
		closeSync(fd);
	}
}

function readLines(path: string): readonly string[] {
	try {
		return readFileSync(path, 'utf8').split('\n').filter(Boolean);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
