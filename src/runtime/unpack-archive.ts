import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../core/errors.ts';
import type { Unpack } from '../image/open-archive.ts';
import { decompress } from '../rootfs/decompress.ts';
import { DEFAULT_LIMITS } from '../rootfs/extract-layer.ts';

/**
 * Unpacks compressed archives into a directory, which goes with its content when the work is done.
 * @param maxBytes of what one unpacks to
 */
export function unpackInto(directory: string, maxBytes: number = DEFAULT_LIMITS.maxBytes): Unpack {
	return async path => {
		const plain = join(directory, `archive-${randomBytes(4).toString('hex')}`);
		try {
			await writeFile(plain, upTo(maxBytes, decompress(path)));
			return plain;
		} catch (error) {
			rmSync(plain, { force: true });
			throw ofArchive(path, error);
		}
	};
}

async function* upTo(maxBytes: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		if (bytes > maxBytes) throw new Error(`it unpacks to more than the limit of ${maxBytes} bytes`);
		yield chunk;
	}
}

/** As what a full disk says, and not that the archive is damaged. */
export async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
	const fd = openSync(path, 'wx', 0o600);
	try {
		for await (const chunk of chunks) {
			for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
		}
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
		throw new TsrunError('TSRUN_DISK_FULL', `${path} cannot be written: no space left on device`, {
			hint: 'archives that come compressed or on standard input are kept there until they are loaded; --data-root chooses another place',
			cause: error,
		});
	} finally {
		closeSync(fd);
	}
}

/** What reads layers speaks of a layer. */
function ofArchive(path: string, error: unknown): unknown {
	if (error instanceof TsrunError && error.code !== 'TSRUN_BAD_LAYER') return error;
	const { message, hint } = error as Error & { readonly hint?: string };
	const fault = message.startsWith('layer ') ? message.slice('layer '.length) : `cannot be read: ${message}`;
	return new TsrunError('TSRUN_BAD_ARCHIVE', `archive ${path} ${fault}`, {
		hint: hint?.replace('the layer', 'the archive') ?? 'expected a tar file, plain or compressed with gzip or zstd',
		cause: error,
	});
}
