import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../../src/core/brands.ts';
import { type BlobToPush, pushBlob } from '../../../../src/image/registry/push-blob.ts';
import { type Answer, type Asked, sha256 } from './fake-registry.ts';
import { openFake, paths } from './open-fake.ts';

const BLOB = Buffer.from('0123456789'.repeat(10));
const digest = parseDigest(sha256(BLOB));
const blob = (more: Partial<BlobToPush> = {}): BlobToPush => ({
	descriptor: { mediaType: 'x', digest, size: BLOB.length },
	open: (start, end) => BLOB.subarray(start, end),
	sources: [],
	...more,
});
const BLOBS = '/v2/team/app/blobs';
const open = (answer: (asked: Asked) => Answer | undefined) => openFake(answer, { actions: 'pull,push' });
const started = (path: string): Answer => ({ status: 202, headers: { location: path } });

describe('a blob', () => {
	it('that is there is not sent', async () => {
		const { session, registry } = await open(() => ({}));
		expect(await pushBlob(session, blob())).toBe('present');
		expect(paths(registry)).toEqual([`HEAD ${BLOBS}/${digest}`]);
	});

	it('goes in one piece, to where the registry says, with what it put into the address', async () => {
		const { session, registry } = await open(({ method }) => {
			if (method === 'HEAD') return { status: 404 };
			return method === 'POST' ? started('/upload/1?state=a%2Fb') : { status: 201 };
		});
		expect(await pushBlob(session, blob())).toBe('pushed');
		expect(paths(registry).slice(1)).toEqual([
			`POST ${BLOBS}/uploads/`,
			`PUT /upload/1?state=a%2Fb&digest=${encodeURIComponent(digest)}`,
		]);
		expect(registry.asked[2]?.body).toBe(BLOB.toString());
	});

	it('goes in several when it is long, each again where the last one ended', async () => {
		const sent: number[] = [];
		const { session, registry } = await open(({ method, before, path }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') return started('/upload/0');
			if (method === 'PATCH' && path === '/upload/1' && before === 0) return { status: 503 };
			return method === 'PATCH' ? started(`/upload/${Number(path.slice(8)) + 1}`) : { status: 201 };
		});
		expect(await pushBlob(session, blob({ chunkSize: 40, onProgress: bytes => sent.push(bytes) }))).toBe('pushed');
		expect(
			registry.asked
				.slice(2)
				.map(({ method, path, headers, body }) => [method, path.slice(0, 9), headers['content-range'], body.length]),
		).toEqual([
			['PATCH', '/upload/0', '0-39', 40],
			['PATCH', '/upload/1', '40-79', 40],
			['PATCH', '/upload/1', '40-79', 40],
			['PATCH', '/upload/2', '80-99', 20],
			['PUT', '/upload/3', undefined, 0],
		]);
		expect(sent).toEqual([40, 80, 100, 100]);
	});

	it('is in pieces no smaller than the registry wants', async () => {
		const { session, registry } = await open(({ method }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') return { status: 202, headers: { location: '/u', 'oci-chunk-min-length': '60' } };
			return method === 'PATCH' ? started('/u') : { status: 201 };
		});
		await pushBlob(session, blob({ chunkSize: 40 }));
		expect(registry.asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body.length)).toEqual([60, 40]);
	});

	it('is taken over from another repository, or sent where that is refused', async () => {
		const mounting = (status: number) =>
			open(({ method, path }) => {
				if (method === 'HEAD') return { status: 404 };
				if (method === 'PUT') return { status: 201 };
				return path.includes('mount=') ? { status, headers: { location: '/u' } } : started('/v');
			});
		const { session, registry } = await mounting(201);
		expect(await pushBlob(session, blob({ sources: ['team/other'] }))).toBe('mounted');
		expect(paths(registry)[1]).toBe(`POST ${BLOBS}/uploads/?mount=${encodeURIComponent(digest)}&from=team%2Fother`);
		const ignoring = await mounting(202);
		expect(await pushBlob(ignoring.session, blob({ sources: ['team/other'] }))).toBe('pushed');
		expect(paths(ignoring.registry).at(-1)).toMatch(/^PUT \/u\?/);
		const refusing = await mounting(404);
		expect(await pushBlob(refusing.session, blob({ sources: ['team/other'] }))).toBe('pushed');
		expect(paths(refusing.registry).at(-1)).toMatch(/^PUT \/v\?/);
	});

	it.each<[string, (asked: Asked) => Answer, string]>([
		[
			'may not be sent',
			({ method }) => ({ status: method === 'HEAD' ? 404 : 403, body: '{"errors":[{"message":"no"}]}' }),
			'TSRUN_REGISTRY_DENIED',
		],
		['finds no place', ({ method }) => ({ status: method === 'HEAD' ? 404 : 202 }), 'TSRUN_REGISTRY'],
		[
			'is not what it should be',
			({ method }) => (method === 'HEAD' ? { status: 404 } : method === 'POST' ? started('/u') : { status: 400 }),
			'TSRUN_REGISTRY',
		],
	])('that %s is an error that names it', async (_, answer, code) => {
		const { session } = await open(answer);
		await expect(pushBlob(session, blob())).rejects.toMatchObject({ code });
	});

	it('goes elsewhere without credentials', async () => {
		const other = await open(() => ({ status: 201 }));
		const { session } = await openFake(
			({ method, headers }) => {
				if (headers.authorization === undefined)
					return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
				return method === 'HEAD' ? { status: 404 } : started(`http://${other.registry.host}/storage`);
			},
			{ login: { kind: 'password', username: 'me', password: 'pw' } },
		);
		expect(await pushBlob(session, blob())).toBe('pushed');
		expect(other.registry.asked.map(({ headers, body }) => [headers.authorization, body])).toEqual([
			[undefined, BLOB.toString()],
		]);
	});
});
