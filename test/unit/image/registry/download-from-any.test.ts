import { expect, it } from 'vitest';
import { parseDigest } from '../../../../src/core/brands.ts';
import { downloadFromAny } from '../../../../src/image/registry/download-from-any.ts';
import { blobAnswer, sha256 } from './fake-registry.ts';
import { openFake } from './open-fake.ts';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const blob = { mediaType: 'x', digest: parseDigest(sha256(BYTES)), size: BYTES.length };

async function read(
	...[session, others]: [Parameters<typeof downloadFromAny>[0], Parameters<typeof downloadFromAny>[1]]
) {
	const chunks: Uint8Array[] = [];
	for await (const chunk of downloadFromAny(session, others, blob)) chunks.push(chunk);
	return Buffer.concat(chunks);
}
const whole = () => openFake(asked => blobAnswer(asked, BYTES));
/** Sends the first 100,000 bytes, and nothing after them. */
const broken = () =>
	openFake(asked =>
		asked.headers.range === undefined ? { ...blobAnswer(asked, BYTES), dropAfter: 100_000 } : { status: 404 },
	);

it('a blob that a mirror breaks off comes from the next place, from there on', async () => {
	const [mirror, registry] = [await broken(), await whole()];
	expect((await read(mirror.session, [() => Promise.resolve(registry.session)])).equals(BYTES)).toBe(true);
	const ranges = registry.registry.asked.map(({ headers }) => headers.range).filter(Boolean);
	expect(ranges).toEqual([mirror.registry.asked.at(-1)?.headers.range]);
	expect(ranges[0]).toMatch(/^bytes=[1-9][0-9]*-$/);
});

it('the next place is not opened while the first one has it', async () => {
	const { session } = await whole();
	const never = (): never => {
		throw new Error('opened');
	};
	expect((await read(session, [never])).equals(BYTES)).toBe(true);
});

it('a blob that is nowhere is an error that names each place', async () => {
	const [first, second] = [await openFake(() => undefined), await openFake(() => undefined)];
	await expect(read(first.session, [() => Promise.resolve(second.session)])).rejects.toThrow(
		new RegExp(`${first.registry.host} answered 404 to blob .*; .*${second.registry.host} answered 404 to blob`),
	);
});

it('nothing is asked further when nobody wants the blob any more', async () => {
	const { session } = await openFake(() => undefined);
	await expect(read(session, [() => undefined])).rejects.toMatchObject({ code: 'TSRUN_NO_IMAGE' });
});
