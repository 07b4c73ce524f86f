import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { unpackInto } from '../../../src/runtime/unpack-archive.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-unpack-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const write = (name: string, bytes: Buffer): string => {
	writeFileSync(join(dir, name), bytes);
	return join(dir, name);
};

it('a compressed archive becomes a plain one', async () => {
	const plain = await unpackInto(dir)(write('fine.gz', gzipSync('content')));
	expect([readFileSync(plain, 'utf8'), plain.startsWith(`${dir}/`)]).toEqual(['content', true]);
});

it.each([
	[
		'unpacks to more than the limit',
		gzipSync(Buffer.alloc(20_000_000)),
		/unpacks to more than the limit of 1000000 bytes$/,
	],
	[
		'is cut off',
		gzipSync(Buffer.alloc(1000, 'x')).subarray(0, 20),
		/^archive \S+ cannot be read: unexpected end of file$/,
	],
	[
		'is compressed with xz',
		Buffer.from('fd377a585a000000', 'hex'),
		/^archive \S+ is compressed with xz, which is not read$/,
	],
])('one that %s is refused by name, and its space is free again', async (name, bytes, message) => {
	const bad = write(`bad ${name}`.replaceAll(' ', '-'), bytes);
	const before = readdirSync(dir);
	await expect(unpackInto(dir, 1_000_000)(bad)).rejects.toMatchObject({
		code: 'TSRUN_BAD_ARCHIVE',
		message: expect.stringMatching(message),
	});
	expect(readdirSync(dir)).toEqual(before);
});
