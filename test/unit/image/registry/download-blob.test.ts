import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../../src/core/brands.ts';
import { downloadBlob } from '../../../../src/image/registry/download-blob.ts';
import type { Session } from '../../../../src/image/registry/session.ts';
import { type Answer, type Asked, blobAnswer, sha256 } from './fake-registry.ts';
import { openFake } from './open-fake.ts';

const BLOB = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const descriptor = { mediaType: 'x', digest: parseDigest(sha256(BLOB)), size: BLOB.length };

async function download(session: Session, blob = descriptor): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of downloadBlob(session, blob)) chunks.push(chunk);
	return Buffer.concat(chunks);
}

const opened = (answer: (asked: Asked) => Answer | undefined) => openFake(answer);

describe('a blob comes whole', () => {
	it('at once', async () => {
		const { session, registry, waits } = await opened(asked => blobAnswer(asked, BLOB));
		expect((await download(session)).equals(BLOB)).toBe(true);
		expect(registry.asked.map(({ path }) => path)).toEqual([`/v2/team/app/blobs/${descriptor.digest}`]);
		expect(waits).toEqual([]);
	});

	it.each([1, 1000, 65_536, 299_999])('where the connection ends after %i bytes, from there on', async count => {
		const { session, registry } = await opened(asked =>
			asked.before === 0 ? { body: BLOB, dropAfter: count } : blobAnswer(asked, BLOB),
		);
		expect((await download(session)).equals(BLOB)).toBe(true);
		expect(registry.asked.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${count}-`]);
	});

	it('where the registry knows no ranges and begins again', async () => {
		const { session } = await opened(({ before }) => (before < 2 ? { body: BLOB, dropAfter: 70_000 } : { body: BLOB }));
		expect((await download(session)).equals(BLOB)).toBe(true);
	});

	it('where the answer ends early without an error', async () => {
		const { session } = await opened(asked =>
			asked.before === 0 ? { body: BLOB.subarray(0, 5000), isChunked: true } : blobAnswer(asked, BLOB),
		);
		expect((await download(session)).length).toBe(BLOB.length);
	});

	it('slowly', async () => {
		const { session } = await opened(() => ({ body: BLOB, slow: { piece: 60_000, pause: 20 } }));
		expect((await download(session)).equals(BLOB)).toBe(true);
	});

	it('where it is elsewhere', async () => {
		const other = await opened(asked => blobAnswer(asked, BLOB));
		const { session } = await opened(() => ({
			status: 307,
			headers: { location: `http://${other.registry.host}/storage?sig=1` },
		}));
		expect((await download(session)).equals(BLOB)).toBe(true);
		expect(other.registry.asked.map(({ path }) => path)).toEqual(['/storage?sig=1']);
	});

	it('when it is empty', async () => {
		const { session } = await opened(() => ({ body: '' }));
		expect((await download(session, { ...descriptor, size: 0 })).length).toBe(0);
	});
});

describe('a blob is refused, by name,', () => {
	it('when the connection ends each time', async () => {
		const { session, registry, waits } = await opened(asked => ({ ...blobAnswer(asked, BLOB), dropAfter: 10 }));
		await expect(download(session)).rejects.toThrow(
			`${registry.host}/team/app:1: registry ${registry.host} broke off blob ${descriptor.digest} 5 times, 50 of 300000 bytes came`,
		);
		expect(waits).toEqual([250, 500, 1000, 2000]);
	});

	it('when another length is announced', async () => {
		const { session } = await opened(() => ({ body: BLOB.subarray(1) }));
		await expect(download(session)).rejects.toMatchObject({
			code: 'TSRUN_BAD_BLOB',
			message: expect.stringMatching(/is 299999 bytes long where its descriptor says 300000$/),
		});
	});

	it('when another part comes than was asked for', async () => {
		const { session } = await opened(({ before }) =>
			before === 0
				? { body: BLOB, dropAfter: 100 }
				: { status: 206, headers: { 'content-range': 'bytes 0-299999/300000' }, body: BLOB },
		);
		await expect(download(session)).rejects.toThrow(/comes from byte 0 where 100 was asked for$/);
	});

	it('when it is not there, in the registry’s words', async () => {
		const { session, registry } = await opened(() => ({
			status: 404,
			body: '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}',
		}));
		await expect(download(session)).rejects.toThrow(
			`registry ${registry.host} answered 404 to blob ${descriptor.digest}: blob unknown to registry`,
		);
	});
});
