import { appendFileSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { decompress } from '../../../src/rootfs/decompress.ts';
import { newArrival, noteArrived, noteLost, readArriving, waitForBytes } from '../../../src/rootfs/read-arriving.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-arriving-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 253));

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
	const all: Buffer[] = [];
	for await (const chunk of chunks) all.push(chunk);
	return Buffer.concat(all);
}

/** Writes a file piece by piece, while somebody reads it. */
async function write(
	path: string,
	bytes: Buffer,
	{ upTo = bytes.length } = {},
): Promise<ReturnType<typeof newArrival>> {
	writeFileSync(path, '');
	const arrival = newArrival(path, bytes.length);
	void (async () => {
		for (let at = 0; at < upTo; at += 30_000) {
			const piece = bytes.subarray(at, Math.min(upTo, at + 30_000));
			appendFileSync(path, piece);
			noteArrived(arrival, at + piece.length);
			await setTimeout(3);
		}
		if (upTo < bytes.length) noteLost(arrival);
	})();
	return arrival;
}

it('gives the bytes of a file while it is written, and ends with its last', async () => {
	const arrival = await write(join(dir, 'one'), CONTENT);
	const read = await collect(readArriving(openSync(arrival.path, 'r'), arrival));
	expect(read.equals(CONTENT)).toBe(true);
});

it('never gives what is there but not told', async () => {
	const path = join(dir, 'told');
	writeFileSync(path, CONTENT);
	const arrival = newArrival(path, CONTENT.length);
	noteArrived(arrival, 1000);
	const reader = readArriving(openSync(path, 'r'), arrival);
	expect((await reader.next()).value).toHaveLength(1000);
	noteLost(arrival);
	await expect(reader.next()).rejects.toThrow('only 1000 of 200000 bytes came');
});

it('fails when the writer gives up, also one that waits for the first byte', async () => {
	const arrival = await write(join(dir, 'lost'), CONTENT, { upTo: 60_000 });
	await expect(collect(readArriving(openSync(arrival.path, 'r'), arrival))).rejects.toThrow(
		'only 60000 of 200000 bytes',
	);
	const nothing = newArrival('/none', 10);
	noteLost(nothing);
	await expect(waitForBytes(nothing, 6)).rejects.toThrow('only 0 of 10 bytes came');
});

it.each([0, 3, 6])('is satisfied with a whole file of %i bytes, however many are wanted', async size => {
	const arrival = newArrival('/none', size);
	noteArrived(arrival, size);
	expect(await waitForBytes(arrival, 6)).toBe(size);
});

it('is decompressed while it comes, also when it has moved to its place meanwhile', async () => {
	const zipped = gzipSync(CONTENT);
	const arrival = await write(join(dir, 'zipped'), zipped);
	expect((await collect(decompress('/nowhere', undefined, arrival))).equals(CONTENT)).toBe(true);
	const moved = newArrival(join(dir, 'gone'), zipped.length);
	noteArrived(moved, zipped.length);
	expect((await collect(decompress(join(dir, 'zipped'), undefined, moved))).equals(CONTENT)).toBe(true);
});
