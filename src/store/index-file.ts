import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from '../core/paths.ts';
import type { Descriptor, Index } from '../oci/image-spec.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import type { Store } from './open-store.ts';
import { INDEX_LOCK, withLock } from './with-lock.ts';

/** @throws TsrunError TSRUN_BAD_IMAGE */
export function readIndexFile(store: Store): Index {
	const path = join(store.images, 'index.json');
	return parseIndex(readFileSync(path), path);
}

/** Replaces the entries of index.json with what `change` makes of them, under the lock, at once or not at all. */
export async function changeIndexFile(
	store: Store,
	change: (entries: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
	await withLock(store, { name: INDEX_LOCK, kind: 'exclusive' }, () => {
		const index = readIndexFile(store);
		write(store, { ...index, manifests: change(index.manifests) });
	});
}

/** Writes an index.json in place of one that cannot be read. */
export async function replaceIndexFile(store: Store, manifests: readonly Descriptor[]): Promise<void> {
	await withLock(store, { name: INDEX_LOCK, kind: 'exclusive' }, () => write(store, { schemaVersion: 2, manifests }));
}

function write(store: Store, index: Index): void {
	const temporary = join(store.tmp, `index-${randomBytes(6).toString('hex')}`);
	try {
		const fd = openSync(temporary, 'wx', 0o600);
		try {
			writeFileSync(fd, `${JSON.stringify(index, undefined, '\t')}\n`);
			fsyncSync(fd);
		} finally {
			closeSync(fd);
		}
		renameSync(temporary, join(store.images, 'index.json'));
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
	syncDirectory(store.images);
}

function syncDirectory(path: string): void {
	const fd = openSync(path, 'r');
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}
