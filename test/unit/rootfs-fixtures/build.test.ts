import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';

const BUILD = resolve(import.meta.dirname, '../../../rootfs-fixtures/build.mjs');
const dir = mkdtempSync(join(tmpdir(), 'tsrun-fixture-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Blob {
	readonly digest: string;
	readonly size: number;
}

function build(name: string): string {
	const layout = join(dir, name);
	execFileSync(process.execPath, [BUILD, '--from', 'host', layout]);
	return layout;
}

/** Reads a blob as a client must: digest and size are compared. */
function readBlob(layout: string, { digest, size }: Blob): Buffer {
	const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
	expect(bytes.length).toBe(size);
	expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
	return bytes;
}

async function entriesOf(archive: Buffer): Promise<ReadonlyMap<string, Header>> {
	const entries = new Map<string, Header>();
	const reader = extract();
	reader.end(archive);
	for await (const entry of reader) {
		expect(entries.has(entry.header.name), `${entry.header.name} is there once`).toBe(false);
		entries.set(entry.header.name, entry.header);
		entry.resume();
	}
	return entries;
}

const layout = build('one');
const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
const manifest = JSON.parse(readBlob(layout, index.manifests[0]).toString());
const image = JSON.parse(readBlob(layout, manifest.config).toString());
const archives: readonly Buffer[] = manifest.layers.map((layer: Blob) => gunzipSync(readBlob(layout, layer)));
const layers = await Promise.all(archives.map(entriesOf));

describe('the image of the first run', () => {
	it('has three layers with the diffIDs that its configuration names', () => {
		expect(archives.map(archive => `sha256:${createHash('sha256').update(archive).digest('hex')}`)).toEqual(
			image.rootfs.diff_ids,
		);
		expect(archives).toHaveLength(3);
		expect(image.config.Cmd).toEqual(['sh']);
	});

	it('deletes a file of a lower layer with a whiteout and changes another', () => {
		expect(layers[0]?.has('etc/draft') && layers[0].has('etc/motd')).toBe(true);
		expect([...(layers[2]?.keys() ?? [])]).toEqual(['etc/.wh.draft', 'etc/motd']);
	});

	it('has a shell, and beside it the loader that the shell names', () => {
		const shell = layers[1]?.get('bin/sh');
		const program = shell?.linkname === undefined || shell.linkname === null ? 'bin/sh' : `bin/${shell.linkname}`;
		expect(layers[1]?.get(program)?.size).toBeGreaterThan(10_000);
		expect([...(layers[1]?.keys() ?? [])].filter(name => /\/ld[-.]/.test(name))).toHaveLength(1);
	});

	it('lists each folder before what is in it', () => {
		const known = new Set(['']);
		for (const archive of layers.slice(0, 2)) {
			for (const name of archive.keys()) {
				expect(known, name).toContain(name.replace(/[^/]+\/?$/, ''));
				known.add(name);
			}
		}
	});

	it('has the same digest when it is made again', () => {
		expect(readFileSync(join(build('two'), 'index.json'), 'utf8')).toBe(
			readFileSync(join(layout, 'index.json'), 'utf8'),
		);
	});
});
