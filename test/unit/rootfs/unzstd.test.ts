import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, it } from 'vitest';
import { type UnzstdOptions, unzstd } from '../../../src/rootfs/unzstd.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-unzstd-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Without zstd in Node, whichever Node this is. */
const OLD = { chunkSize: 1 << 18, module: { constants: {} } };

const compress = (bytes: Uint8Array, ...options: readonly string[]): Buffer =>
	execFileSync('zstd', ['-cq', ...options], { input: bytes });
const skippable = (text: string): Buffer => {
	const head = Buffer.from('502a4d1800000000', 'hex');
	head.writeUInt32LE(text.length, 4);
	return Buffer.concat([head, Buffer.from(text)]);
};

async function undo(bytes: Buffer, options: UnzstdOptions = OLD): Promise<Buffer> {
	const file = join(dir, 'input');
	writeFileSync(file, bytes);
	const chunks: Buffer[] = [];
	for await (const chunk of unzstd(createReadStream(file), options)) chunks.push(chunk);
	return Buffer.concat(chunks);
}

const DATA = Buffer.from(Array.from({ length: 400_000 }, (_, index) => `${index * 7919} `).join(''));
const DAMAGED = { code: 'TSRUN_BAD_LAYER', message: expect.stringMatching(/^layer cannot be decompressed: \S.*/) };

it('undoes one frame', async () => {
	expect((await undo(compress(DATA))).equals(DATA)).toBe(true);
});

it('undoes frames beside frames that are passed over', async () => {
	const [one, other] = [DATA.subarray(0, 1_000_000), DATA.subarray(1_000_000)];
	const parts = [skippable('a table'), compress(one), compress(Buffer.alloc(0)), skippable(''), compress(other, '-9')];
	expect((await undo(Buffer.concat([...parts, skippable('and another')]))).equals(DATA)).toBe(true);
});

it('says so where the end is missing', async () => {
	await expect(undo(compress(DATA).subarray(0, -5))).rejects.toMatchObject(DAMAGED);
});

it('says so where bytes have changed', async () => {
	const bytes = compress(DATA);
	bytes.fill(0x5a, 2000, 2100);
	await expect(undo(bytes)).rejects.toMatchObject(DAMAGED);
});

it('refuses a frame that wants more memory than 128 MiB', async () => {
	const huge = spawnSync('zstd', ['-cq', '--ultra', '--long=31'], { input: DATA }).stdout;
	const header = Buffer.from(huge);
	// a window of 2 GiB, whose descriptor the program leaves out where the data is shorter
	const frame = Buffer.concat([Buffer.from('28b52ffd00', 'hex'), Buffer.from([(31 - 10) << 3]), header.subarray(-200)]);
	await expect(undo(frame)).rejects.toMatchObject(DAMAGED);
});

it('hands the error of its input on', async () => {
	const broken = Readable.from(
		(async function* () {
			yield compress(DATA).subarray(0, 50_000);
			throw new Error('the disk is gone');
		})(),
	);
	await expect(
		(async () => {
			for await (const _ of unzstd(broken, OLD));
		})(),
	).rejects.toThrow('the disk is gone');
});

it('says what to install where neither Node nor the host can', async () => {
	await expect(undo(compress(DATA), { ...OLD, programs: [join(dir, 'nowhere')] })).rejects.toMatchObject({
		code: 'TSRUN_BAD_LAYER',
		message: `layer is compressed with zstd, which Node ${process.versions.node} cannot undo`,
		hint: 'install the program zstd, or run tsrun with Node 22.15 or later',
	});
});

it('prefers Node, where it can', async () => {
	let asked: unknown;
	const module = {
		constants: { ZSTD_d_windowLogMax: 100 },
		// any stream that undoes something
		createZstdDecompress: (options: object) => {
			asked = options;
			return createGunzip();
		},
	};
	const result = await undo(gzipSync(DATA), { chunkSize: 4096, module, programs: [] });
	expect(result.equals(DATA)).toBe(true);
	expect(asked).toEqual({ chunkSize: 4096, params: { 100: 27 } });
});

const { PATH } = process.env;
afterEach(() => {
	process.env.PATH = PATH;
});

it('asks no PATH for the program (CVE-2026-41567)', async () => {
	const bytes = compress(DATA);
	const marker = join(dir, 'marker');
	writeFileSync(join(dir, 'zstd'), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
	process.env.PATH = `${dir}:${PATH}`;
	expect((await undo(bytes)).equals(DATA)).toBe(true);
	expect(existsSync(marker)).toBe(false);
});

it('ends the program with its reader', async () => {
	const file = join(dir, 'long');
	writeFileSync(file, compress(Buffer.alloc(300_000_000)));
	for await (const _ of unzstd(createReadStream(file), OLD)) break;
	const own = spawnSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' }).stdout;
	expect(own.split('\n').filter(name => name.trim() === 'zstd')).toEqual([]);
});
