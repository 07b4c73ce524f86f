import { createHash } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import { type Digest, splitDigest } from '../../core/brands.ts';
import { blobPath, type Store } from '../../store/open-store.ts';
import { openBlob } from '../../store/write-blob.ts';
import { listBlobs } from '../store-content.ts';
import { type Finding, found } from './finding.ts';

export interface CheckedBlobs {
	readonly findings: readonly Finding[];
	readonly bytes: number;
	/** Blobs that are not what their names say. */
	readonly bad: ReadonlySet<Digest>;
}

/** Removed by another command meanwhile. */
const GONE = 'is gone';

/** Reads every byte of every blob. A wrong one is removed by a repair: what is not there can be loaded again. */
export async function checkBlobs(store: Store, isRepairing: boolean): Promise<CheckedBlobs> {
	const findings: Finding[] = [];
	const bad = new Set<Digest>();
	let bytes = 0;
	for (const digest of listBlobs(store)) {
		const { fault, size } = await verify(store, digest);
		bytes += size;
		if (fault === undefined || fault === GONE) continue;
		bad.add(digest);
		const remove = (): void => rmSync(blobPath(store, digest), { recursive: true, force: true });
		findings.push(
			await found({ kind: 'damage', what: `blob ${digest}`, problem: fault }, isRepairing, {
				text: 'removed',
				perform: remove,
			}),
		);
	}
	return { findings, bytes, bad };
}

async function verify(
	store: Store,
	digest: Digest,
): Promise<{ readonly fault: string | undefined; readonly size: number }> {
	const stat = lstatSync(blobPath(store, digest), { throwIfNoEntry: false });
	if (stat === undefined) return { fault: GONE, size: 0 };
	if (!stat.isFile()) return { fault: 'is no regular file', size: 0 };
	const { algorithm, hex } = splitDigest(digest);
	const hash = createHash(algorithm);
	let size = 0;
	try {
		for await (const chunk of openBlob(store, digest)) {
			hash.update(chunk as Buffer);
			size += (chunk as Buffer).length;
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { fault: GONE, size };
		return { fault: `cannot be read: ${(error as Error).message}`, size };
	}
	const actual = hash.digest('hex');
	return { fault: actual === hex ? undefined : `has the content of ${algorithm}:${actual}`, size };
}
