import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../rootfs-fixtures/raw-layout.ts';
import { parseDigest } from '../../../src/core/brands.ts';
import type { Descriptor } from '../../../src/oci/image-spec.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { decideRemoval, type Removal, removeEntries } from '../../../src/store/remove-entries.ts';
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
	const free = { uses: [], force: false };
	const use = (digest: Descriptor['digest'], isRunning: boolean) => ({ digest, what: 'container web', isRunning });
	const byId = ({ digest }: Descriptor) => ({ name: '', idPrefix: digest.slice(7), text: digest });
	const remove = async (...words: Parameters<typeof decideRemoval>): Promise<Removal> => {
		const removal = decideRemoval(...words);
		await removeEntries(store, removal);
		return removal;
	};

	it('a name leaves the others', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		await putEntry(store, a, 'x:2');
		expect(await remove(store, named('x:1'), free)).toMatchObject({ isLast: false });
		expect(names()).toEqual(['x:2']);
		expect(await remove(store, named('x:2'), free)).toMatchObject({ isLast: true, staysNameless: false });
		expect(names()).toEqual([]);
	});

	it('by id takes all names of one repository, and wants force for those of several', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		await putEntry(store, a, 'x:2');
		expect(decideRemoval(store, byId(a), free).going).toHaveLength(2);
		await putEntry(store, a, 'y:2');
		expect(() => decideRemoval(store, byId(a), free)).toThrow(expect.objectContaining({ code: 'TSRUN_IMAGE_IN_USE' }));
		expect((await remove(store, byId(a), { ...free, force: true })).going).toHaveLength(3);
		expect(names()).toEqual([]);
	});

	it('by digest takes the names of that repository', async () => {
		const a = await makeImage('a');
		for (const name of ['x:1', 'x:2', 'y:1']) await putEntry(store, a, name);
		const removal = await remove(store, { ...named('x:latest'), digest: a.digest }, free);
		expect(removal).toMatchObject({ isLast: false });
		expect(names()).toEqual(['y:1']);
	});

	it('the last name of an image that a container was made from is refused; by force it stays without a name', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		await putEntry(store, a, 'x:2');
		const uses = [use(a.digest, false)];
		await remove(store, named('x:2'), { uses, force: false });
		expect(() => decideRemoval(store, named('x:1'), { uses, force: false })).toThrow(
			expect.objectContaining({ code: 'TSRUN_IMAGE_IN_USE', message: 'image x:1 is used by container web' }),
		);
		expect(await remove(store, named('x:1'), { uses, force: true })).toMatchObject({ staysNameless: true });
		expect(names()).toEqual(['<none>']);
	});

	it('that of a running one is refused by force too', async () => {
		const a = await makeImage('a');
		await putEntry(store, a, 'x:1');
		expect(() => decideRemoval(store, named('x:1'), { uses: [use(a.digest, true)], force: true })).toThrow(
			expect.objectContaining({ message: 'image x:1 is used by container web' }),
		);
	});
});

describe('what another tool wrote into index.json', () => {
	it.each(['docker.io/library/x:1', 'x:1', 'index.docker.io/x:1'])('is found under its usual name: %s', async name => {
		await putEntry(store, await makeImage('a'), name);
		expect(names()).toEqual(['x:1']);
		expect(findEntry(store, named('x:1'))).toBeDefined();
	});

	it('an index of platforms stands for the one that is there', async () => {
		const a = await makeImage('a');
		const elsewhere = { ...a, digest: parseDigest(sha256(Buffer.from('not here'))) };
		const platform = (architecture: string) => ({ platform: { os: 'linux', architecture } });
		const index = await put(
			Buffer.from(
				JSON.stringify({
					schemaVersion: 2,
					manifests: [
						{ ...elsewhere, ...platform('s390x') },
						{ ...a, ...platform('mips') },
					],
				}),
			),
			'application/vnd.oci.image.index.v1+json',
		);
		await putEntry(store, index, 'multi:1');
		expect(findEntry(store, named('multi:1'))).toMatchObject({ digest: a.digest, listed: index.digest });
		const removal = decideRemoval(store, named('multi:1'), { uses: [], force: false });
		await removeEntries(store, removal);
		expect(names()).toEqual([]);
	});
});
