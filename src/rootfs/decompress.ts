import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badLayer } from './bad-layer.ts';
import { type Arrival, readArriving, waitForBytes } from './read-arriving.ts';

const INPUT_CHUNK = 1 << 18;
const HEAD_BYTES = 6;
const OUTPUT_CHUNK = 1 << 18;
/** Pieces that decompression may be ahead of the reader. */
const READ_AHEAD = 4;
/** As objects, pieces are not put together, which would copy them. zlib hands the last two to its stream; its types do not know them. */
const GUNZIP_OPTIONS = { chunkSize: OUTPUT_CHUNK, readableObjectMode: true, readableHighWaterMark: READ_AHEAD };
const OTHERS: readonly (readonly [magic: string, name: string])[] = [
	['fd377a585a', 'xz'],
	['425a68', 'bzip2'],
];

/** A frame, or one that readers pass over (RFC 8878, 3.1.1 and 3.1.2). */
const ZSTD = /^(28b52ffd|5[0-9a-f]2a4d18)/;

export interface ByteRange {
	readonly start: number;
	readonly size: number;
}

/**
 * The bytes of a tar archive in a file that is plain or compressed with gzip or zstd: its first bytes say which, whatever a media
 * type says. Both are undone outside of this thread, ahead of the reader.
 * @param arrival the file is still written, elsewhere, and comes to `path` when it is complete
 * @throws TsrunError TSRUN_BAD_LAYER for another compression
 */
export async function* decompress(path: string, range?: ByteRange, arrival?: Arrival): AsyncGenerator<Buffer> {
	const start = range?.start ?? 0;
	if (range?.size === 0) return;
	const fd = arrival === undefined ? openSync(path, 'r') : await openArriving(path, arrival);
	const head = Buffer.alloc(HEAD_BYTES);
	const magic = head.toString('hex', 0, readSync(fd, head, 0, head.length, start));
	const other = OTHERS.find(([bytes]) => magic.startsWith(bytes));
	if (other !== undefined) {
		closeSync(fd);
		throw badLayer(`is compressed with ${other[1]}, which is not read`, {
			hint: 'copy the image with gzip layers: skopeo copy --dest-compress-format gzip',
		});
	}
	const source: Readable =
		arrival === undefined
			? createReadStream('', {
					fd,
					start,
					highWaterMark: INPUT_CHUNK,
					...(range === undefined ? {} : { end: start + range.size - 1 }),
				})
			: Readable.from(readArriving(fd, arrival), { objectMode: false });
	if (ZSTD.test(magic)) {
		yield* (await import('./unzstd.ts')).unzstd(source, { chunkSize: OUTPUT_CHUNK });
		return;
	}
	if (!magic.startsWith('1f8b')) {
		yield* source;
		return;
	}
	const gunzip = createGunzip(GUNZIP_OPTIONS);
	source.on('error', error => gunzip.destroy(error));
	source.pipe(gunzip);
	try {
		yield* gunzip;
	} finally {
		source.destroy();
	}
}

/** With its first bytes, which tell what it is. It moves to its place at any moment. */
async function openArriving(path: string, arrival: Arrival): Promise<number> {
	await waitForBytes(arrival, HEAD_BYTES);
	try {
		return openSync(arrival.path, 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return openSync(path, 'r');
	}
}
