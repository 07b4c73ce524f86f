import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parseDigest } from '../../src/core/brands.ts';
import { downloadBlob } from '../../src/image/registry/download-blob.ts';
import { pushBlob } from '../../src/image/registry/push-blob.ts';
import { openSession } from '../../src/image/registry/session.ts';
import { sha256 } from '../unit/image/registry/fake-registry.ts';
import { cuttingProxy } from './support/cutting-proxy.ts';
import { openTestRegistry, type TestRegistry } from './support/open-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
	registry = await openTestRegistry();
});
afterAll(() => registry.close());

it.each([
	['the second half of a piece is lost', 'PATCH', 1 << 20],
	['a whole blob is lost', 'PUT', 8 << 20],
])('docker-registry has the right bytes when %s', async (_, method, chunkSize) => {
	const proxy = await cuttingProxy(registry.host, { method, after: 500_000, times: 2 });
	const session = openSession(
		{ host: proxy.host, repository: 'lost/pieces', isInsecure: true },
		{ env: {}, actions: 'pull,push', subject: 'lost/pieces', login: undefined },
	);
	onTestFinished(async () => {
		await session.close();
		await proxy.close();
	});
	const bytes = randomBytes(3_500_000);
	const descriptor = { mediaType: 'application/octet-stream', digest: parseDigest(sha256(bytes)), size: bytes.length };
	const open = (start: number, end: number): Buffer => bytes.subarray(start, end);
	expect(await pushBlob(session, { descriptor, open, sources: [], chunkSize })).toBe('pushed');
	expect(proxy.cuts()).toBe(2);
	const chunks: Uint8Array[] = [];
	for await (const chunk of downloadBlob(session, descriptor)) chunks.push(chunk);
	expect(sha256(Buffer.concat(chunks))).toBe(descriptor.digest);
});
