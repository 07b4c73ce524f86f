import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../core/brands.ts';
import { blobPath, type Store } from './open-store.ts';

export interface NewBlob {
	readonly digest: Digest;
	readonly size: number;
}

/**
 * Writes a blob whose digest is what comes out.
 * @param keep is called before it appears under its name, since nothing leads to it yet
 */
export async function writeNewBlob(
	{ store, keep }: { readonly store: Store; readonly keep: (names: readonly string[]) => Promise<void> },
	content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<NewBlob> {
	const temporary = join(store.tmp, `blob-${randomBytes(6).toString('hex')}`);
	const fd = openSync(temporary, 'wx', 0o600);
	try {
		const hash = createHash('sha256');
		let size = 0;
		for await (const chunk of content) {
			hash.update(chunk);
			for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
			size += chunk.length;
		}
		fdatasyncSync(fd);
		const digest = parseDigest(`sha256:${hash.digest('hex')}`);
		await keep([digest]);
		renameSync(temporary, blobPath(store, digest));
		return { digest, size };
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	} finally {
		closeSync(fd);
	}
}
