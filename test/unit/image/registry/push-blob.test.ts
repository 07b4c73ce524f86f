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

const pieces = (asked: readonly Asked[]) =>
	asked
		.filter(({ method }) => method === 'PATCH' || method === 'PUT')
		.map(({ method, path, headers, body }) => [method, path.slice(0, 9), headers['content-range'], body.length]);

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

	it('goes in several when it is long', async () => {
		const sent: number[] = [];
		const { session, registry } = await open(({ method, path }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') return started('/upload/0');
			return method === 'PATCH' ? started(`/upload/${Number(path.slice(8)) + 1}`) : { status: 201 };
		});
		expect(await pushBlob(session, blob({ chunkSize: 40, onProgress: bytes => sent.push(bytes) }))).toBe('pushed');
		expect(pieces(registry.asked)).toEqual([
			['PATCH', '/upload/0', '0-39', 40],
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

describe('a piece that is lost', () => {
	/** Keeps what comes, and of the second piece only the first bytes. */
	const losing = (kept: number, status: (has: number) => Answer) => {
		let has = 0;
		let isLost = false;
		return open(({ method, body }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') {
				has = 0;
				return started('/upload/0');
			}
			if (method === 'GET') return status(has);
			if (method === 'PATCH' && has > 0 && !isLost) {
				isLost = true;
				has += kept;
				return { status: 503 };
			}
			has += body.length;
			return method === 'PATCH' ? started('/upload/0') : { status: has === BLOB.length ? 201 : 400 };
		});
	};
	const says = (range: string): Answer => ({ status: 204, headers: { location: '/upload/9', range } });

	it('goes on at the byte that the registry has not', async () => {
		const { session, registry, waits } = await losing(7, has => says(`0-${has - 1}`));
		expect(await pushBlob(session, blob({ chunkSize: 40 }))).toBe('pushed');
		expect(pieces(registry.asked)).toEqual([
			['PATCH', '/upload/0', '0-39', 40],
			['PATCH', '/upload/0', '40-79', 40],
			['PATCH', '/upload/9', '47-86', 40],
			['PATCH', '/upload/0', '87-99', 13],
			['PUT', '/upload/0', undefined, 0],
		]);
		expect(waits).toEqual([250]);
	});

	it.each<[string, Answer]>([
		['knows the upload no more', { status: 404 }],
		['says nothing of it', { status: 204 }],
		['has more than there is', says('0-100')],
		['tells no range', says('40-10')],
	])('begins anew where the registry %s', async (_, status) => {
		const { session, registry } = await losing(7, () => status);
		expect(await pushBlob(session, blob({ chunkSize: 40 }))).toBe('pushed');
		expect(pieces(registry.asked).map(([, , range]) => range)).toEqual([
			'0-39',
			'40-79',
			'0-39',
			'40-79',
			'80-99',
			undefined,
		]);
	});

	it('begins anew where nothing is there, which registries tell as if it were one byte', async () => {
		const { session, registry } = await open(({ method, before }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') return started('/u');
			if (method === 'GET') return { status: 204, headers: { range: '0-0' } };
			return before === 0 && method === 'PUT' ? { status: 503 } : { status: 201 };
		});
		expect(await pushBlob(session, blob())).toBe('pushed');
		expect(pieces(registry.asked).map(([, , range, length]) => [range, length])).toEqual([
			[undefined, 100],
			[undefined, 100],
		]);
	});

	it('and of which the answer alone was lost is not sent again', async () => {
		const { session, registry } = await open(({ method, before }) => {
			if (method === 'HEAD') return { status: before === 0 ? 404 : 200 };
			return method === 'POST' ? started('/u') : { dropAfter: 0, body: 'lost', status: 503 };
		});
		expect(await pushBlob(session, blob())).toBe('pushed');
		expect(pieces(registry.asked)).toHaveLength(1);
	});

	it('is given up where no byte more comes, also when the registry forgets what it had', async () => {
		const { session, registry, waits } = await open(({ method, headers }) => {
			if (method === 'HEAD') return { status: 404 };
			if (method === 'POST') return started('/upload/0');
			if (method === 'GET') return { status: 404 };
			return headers['content-range'] === '0-39' ? started('/upload/0') : { status: 503 };
		});
		await expect(pushBlob(session, blob({ chunkSize: 40 }))).rejects.toMatchObject({ code: 'TSRUN_REGISTRY' });
		expect(pieces(registry.asked).filter(([, , range]) => range === '40-79')).toHaveLength(5);
		expect(waits).toEqual([250, 500, 1000, 2000]);
	});

	it('is given up at once where the registry wants to be left alone for days', async () => {
		const { session, waits } = await open(({ method }) => {
			if (method === 'HEAD') return { status: 404 };
			return method === 'POST' ? started('/u') : { status: 429, headers: { 'retry-after': '9'.repeat(400) } };
		});
		await expect(pushBlob(session, blob())).rejects.toMatchObject({ code: 'TSRUN_REGISTRY_BUSY' });
		expect(waits).toEqual([]);
	});
});

it.each(['file:///etc/passwd', 'ftp://127.0.0.1/u', 'http://['])('no blob is sent to %s', async location => {
	const { session, registry } = await open(({ method }) => (method === 'HEAD' ? { status: 404 } : started(location)));
	await expect(pushBlob(session, blob())).rejects.toMatchObject({
		code: 'TSRUN_REGISTRY',
		message: expect.stringContaining(`would have the blob sent to ${JSON.stringify(location)}`),
	});
	expect(pieces(registry.asked)).toEqual([]);
});
