import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../rootfs-fixtures/raw-layout.ts';
import { parseDigest } from '../../../src/core/brands.ts';
import { blobPath, openStore } from '../../../src/store/open-store.ts';
import { hasBlob, readBlob, writeBlob } from '../../../src/store/write-blob.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-blob-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const store = openStore(dir);
const DATA = Buffer.alloc(3_000_000, 'data');
const descriptor = { mediaType: '', digest: parseDigest(sha256(DATA)), size: DATA.length };

async function* pieces(data: Buffer, size = 700_001): AsyncGenerator<Buffer> {
	for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

describe('a blob', () => {
	it('appears when it is complete and verified', async () => {
		expect(hasBlob(store, descriptor)).toBe(false);
		await writeBlob(store, descriptor, pieces(DATA));
		expect(hasBlob(store, descriptor)).toBe(true);
		expect(readBlob(store, descriptor.digest).equals(DATA)).toBe(true);
		expect(readFileSync(blobPath(store, descriptor.digest)).length).toBe(DATA.length);
		expect(hasBlob(store, { ...descriptor, size: 1 })).toBe(false);
	});

	const other = parseDigest(`sha256:${'0'.repeat(64)}`);
	it.each([
		['of another digest', { ...descriptor, digest: other }, DATA, 'has the digest sha256:'],
		[
			'that is shorter',
			{ ...descriptor, digest: other },
			DATA.subarray(1),
			'is 2999999 bytes long where its descriptor says 3000000',
		],
		[
			'that is longer',
			{ ...descriptor, digest: other, size: 100 },
			DATA,
			'is longer than the 100 bytes of its descriptor',
		],
	])('%s leaves nothing', async (_, wanted, data, message) => {
		await expect(writeBlob(store, wanted, pieces(data))).rejects.toMatchObject({
			code: 'TSRUN_BAD_BLOB',
			message: expect.stringContaining(message),
		});
		expect(hasBlob(store, { ...wanted, size: data.length })).toBe(false);
		expect(readdirSync(store.tmp)).toEqual([]);
	});

	it('without end is left at the length of its descriptor', async () => {
		let given = 0;
		async function* endless(): AsyncGenerator<Buffer> {
			for (;;) {
				given += 1000;
				yield Buffer.alloc(1000);
			}
		}
		await expect(writeBlob(store, { ...descriptor, digest: other, size: 5000 }, endless())).rejects.toMatchObject({
			code: 'TSRUN_BAD_BLOB',
		});
		expect(given).toBeLessThan(10_000);
	});

	it('whose source fails leaves nothing', async () => {
		async function* failing(): AsyncGenerator<Buffer> {
			yield Buffer.alloc(10);
			throw new Error('the source failed');
		}
		await expect(writeBlob(store, { ...descriptor, digest: other }, failing())).rejects.toThrow('the source failed');
		expect(readdirSync(store.tmp)).toEqual([]);
	});
});
