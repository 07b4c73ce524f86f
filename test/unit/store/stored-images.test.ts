import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../rootfs-fixtures/raw-layout.ts';
import { parseDigest } from '../../../src/core/brands.ts';
import type { Descriptor } from '../../../src/oci/image-spec.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { removeBlobs, removeEntry } from '../../../src/store/remove-entries.ts';
import { findEntry, listEntries, nameOf, putEntry, tagImage } from '../../../src/store/stored-images.ts';
import { hasBlob, writeBlob } from '../../../src/store/write-blob.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-images-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let store: Store;
let count = 0;
beforeEach(() => {
	store = openStore(join(dir, String(count++)));
});

async function put(data: Buffer, mediaType: string): Promise<Descriptor> {
	const descriptor = { mediaType, digest: parseDigest(sha256(data)), size: data.length };
	if (!hasBlob(store, descriptor))
		await writeBlob(
			store,
			descriptor,
			(async function* () {
				yield data;
			})(),
		);
	return descriptor;
}

/** An image with a layer of its own and one that all share. */
async function makeImage(seed: string): Promise<Descriptor> {
	const config = await put(Buffer.from(`config of ${seed}`), 'application/vnd.oci.image.config.v1+json');
	const type = 'application/vnd.oci.image.layer.v1.tar';
	const layers = [await put(Buffer.from('shared'), type), await put(Buffer.from(`layer of ${seed}`), type)];
	return put(
		Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers })),
		'application/vnd.oci.image.manifest.v1+json',
	);
}

const named = (name: string) => ({ name, text: name });
const names = () =>
	listEntries(store)
		.map(entry => nameOf(entry) ?? '<none>')
		.sort();

describe('names', () => {
	it('are found, moved and shared', async () => {
		const [a, b] = [await makeImage('a'), await makeImage('b')];
		await putEntry(store, a, 'x:1');
		await tagImage(store, named('x:1'), 'x:2');
		expect(findEntry(store, named('x:2')).digest).toBe(a.digest);
		await putEntry(store, b, 'x:2');
		expect(names()).toEqual(['x:1', 'x:2']);
		expect(findEntry(store, named('x:2')).digest).toBe(b.digest);
	});

	it('that move away leave an image without a name, as docker does', async () => {
		const [a, b] = [await makeImage('a'), await makeImage('b')];
		await putEntry(store, a, 'x:1');
		await putEntry(store, b, 'x:1');
		expect(names()).toEqual(['<none>', 'x:1']);
		await putEntry(store, a, 'y:1');
		expect(names()).toEqual(['x:1', 'y:1']);
	});

	it('of an image that is only known by its id', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, undefined);
		await putEntry(store, a, undefined);
		expect(names()).toEqual(['<none>']);
		const idPrefix = sha256(Buffer.from('config of a')).slice(7, 19);
		expect(findEntry(store, { name: `${idPrefix}:latest`, idPrefix, text: idPrefix }).digest).toBe(a.digest);
		expect(findEntry(store, { name: '', idPrefix: a.digest.slice(7), text: a.digest }).digest).toBe(a.digest);
	});

	it('with a digest stand for that manifest alone', async () => {
		const [a, b] = [await makeImage('a'), await makeImage('b')];
		await putEntry(store, a, 'x:1');
		await putEntry(store, b, 'x:2');
		expect(findEntry(store, { ...named('x:1'), digest: a.digest }).digest).toBe(a.digest);
		expect(findEntry(store, { ...named('x:latest'), digest: b.digest }).digest).toBe(b.digest);
		expect(() => findEntry(store, { ...named('z:1'), digest: b.digest })).toThrow(
			expect.objectContaining({ code: 'TSRUN_NO_IMAGE' }),
		);
	});

	it('that do not exist are an error with a hint', async () => {
		expect(() => findEntry(store, named('x:1'))).toThrow(
			expect.objectContaining({ hint: expect.stringContaining('the store is empty') }),
		);
		await putEntry(store, await makeImage('a'), 'x:1');
		expect(() => findEntry(store, named('x:2'))).toThrow(expect.objectContaining({ hint: 'the store has x:1' }));
		expect(() => findEntry(store, { name: 'i.tar:latest', text: './i.tar' })).toThrow(
			expect.objectContaining({ hint: expect.stringContaining('docker-archive:FILE') }),
		);
	});

	it('put at the same time all arrive', async () => {
		const a = await makeImage('a');
		await Promise.all(Array.from({ length: 20 }, (_, index) => putEntry(store, a, `x:${index}`)));
		expect(names()).toHaveLength(20);
	});
});

describe('removing', () => {
	const options = { inUse: new Set<string>(), force: false };

	it('a name leaves the others', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		await putEntry(store, a, 'x:2');
		expect(await removeEntry(store, named('x:1'), options)).toEqual({ untagged: ['x:1'] });
		expect(names()).toEqual(['x:2']);
	});

	it('the last name removes the blobs that no other image needs', async () => {
		const [a, b] = [await makeImage('a'), await makeImage('b')];
		await putEntry(store, a, 'a:1');
		await putEntry(store, b, 'b:1');
		expect(await removeEntry(store, named('a:1'), options)).toEqual({ untagged: ['a:1'], manifest: a.digest });
		const removed = removeBlobs(store, a.digest);
		expect(removed).toHaveLength(3);
		expect(removed).not.toContain(sha256(Buffer.from('shared')));
		expect(hasBlob(store, a)).toBe(false);
		expect(hasBlob(store, b)).toBe(true);
		expect(names()).toEqual(['b:1']);
	});

	it('by id wants force where it has several names', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		await putEntry(store, a, 'x:2');
		const byId = { name: '', idPrefix: a.digest.slice(7), text: a.digest };
		await expect(removeEntry(store, byId, options)).rejects.toMatchObject({ code: 'TSRUN_IMAGE_IN_USE' });
		expect((await removeEntry(store, byId, { ...options, force: true })).untagged).toEqual(['x:1', 'x:2']);
		expect(names()).toEqual([]);
	});

	it('an image that a container uses is refused; by force only its name goes', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		for (const id of [a.digest, sha256(Buffer.from('config of a'))]) {
			await expect(removeEntry(store, named('x:1'), { inUse: new Set([id]), force: false })).rejects.toMatchObject({
				code: 'TSRUN_IMAGE_IN_USE',
			});
		}
		expect(await removeEntry(store, named('x:1'), { inUse: new Set([a.digest]), force: true })).toEqual({
			untagged: ['x:1'],
		});
		expect(names()).toEqual(['<none>']);
	});
});
