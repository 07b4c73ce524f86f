import { describe, expect, it } from 'vitest';
import { fetchManifest, headManifest } from '../../../../src/image/registry/fetch-manifest.ts';
import { type Answer, type Asked, sha256 } from './fake-registry.ts';
import { openFake } from './open-fake.ts';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const manifest = (more: object = {}): string =>
	JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: {}, layers: [], ...more });
const typed = (body: string, type = OCI): Answer => ({ body, headers: { 'content-type': type } });
const opened = (answer: (asked: Asked) => Answer | undefined) => openFake(answer);

describe('a manifest', () => {
	it('is asked for in all four forms, and comes with its digest and type', async () => {
		const { session, registry } = await opened(() => typed(manifest()));
		const { descriptor, bytes } = await fetchManifest(session, 'latest');
		expect(descriptor).toEqual({ mediaType: OCI, digest: sha256(manifest()), size: bytes.length });
		expect(registry.asked[0]?.path).toBe('/v2/team/app/manifests/latest');
		expect(registry.asked[0]?.headers.accept?.split(', ').sort()).toEqual([
			'application/vnd.docker.distribution.manifest.list.v2+json',
			'application/vnd.docker.distribution.manifest.v2+json',
			'application/vnd.oci.image.index.v1+json',
			'application/vnd.oci.image.manifest.v1+json',
		]);
	});

	it.each([
		['application/json', '{"manifests":[]}', 'application/vnd.oci.image.index.v1+json'],
		['text/plain; charset=utf-8', '{"layers":[]}', OCI],
		[
			'application/vnd.oci.image.index.v1+json; charset=utf-8',
			'{"manifests":[]}',
			'application/vnd.oci.image.index.v1+json',
		],
	])('has the type that %s leaves open: %s', async (type, body, expected) => {
		const { session } = await opened(() => typed(body, type));
		expect((await fetchManifest(session, '1')).descriptor.mediaType).toBe(expected);
	});

	it('comes in spite of a lost connection, and of a busy registry', async () => {
		const { session, waits } = await opened(({ before }) => {
			if (before === 0) return { status: 503 };
			if (before === 1) return { status: 429, headers: { 'retry-after': '7' } };
			if (before === 2) return { ...typed(manifest()), dropAfter: 10 };
			return typed(manifest());
		});
		expect((await fetchManifest(session, '1')).bytes.toString()).toBe(manifest());
		expect(waits).toEqual([250, 7000, 250]);
	});

	it.each<[string, Answer, string, RegExp]>([
		[
			'whose digest is another than asked for',
			typed(manifest()),
			sha256('other'),
			/has the digest sha256:\w+, not sha256:/,
		],
		[
			'whose digest is another than the registry tells',
			{ ...typed(manifest()), headers: { 'content-type': OCI, 'docker-content-digest': sha256('x') } },
			'1',
			/has the digest sha256:\w+, not sha256:/,
		],
		[
			'with a digest that leads elsewhere (CVE-2024-3727)',
			{ ...typed(manifest()), headers: { 'content-type': OCI, 'docker-content-digest': 'sha256:../../x' } },
			'1',
			/tells "sha256:\.\.\/\.\.\/x" as the digest/,
		],
		[
			'that calls itself otherwise than the registry (CVE-2021-41190)',
			typed(manifest(), 'application/vnd.oci.image.index.v1+json'),
			'1',
			/calls itself "application\/vnd\.oci\.image\.manifest\.v1\+json", the registry calls it "application\/vnd\.oci\.image\.index/,
		],
		['that is cut off', typed('{"schemaVersion":2,'), '1', /is not JSON/],
		[
			'of a kind that is no image',
			typed('{}', 'application/vnd.example+json'),
			'1',
			/has the type "application\/vnd\.example\+json"/,
		],
		[
			'of 2015',
			typed('{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
			'1',
			/has the type ".*v1\+prettyjws"/,
		],
		[
			'longer than 4 MiB',
			{ body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') },
			'1',
			/longer than the limit of 4194304 bytes/,
		],
		[
			'that only says that it is',
			{ body: 'x', headers: { 'content-length': String(1e12) } },
			'1',
			/longer than the limit of 4194304 bytes/,
		],
	])('%s is refused', async (_, answer, version, message) => {
		const { session } = await opened(() => answer);
		await expect(fetchManifest(session, version)).rejects.toThrow(message);
	});

	it('without a length ends at 4 MiB', async () => {
		const { session } = await opened(() => ({
			body: Buffer.alloc(16 << 20, ' '),
			isChunked: true,
		}));
		await expect(fetchManifest(session, '1')).rejects.toThrow('longer than the limit');
	});

	it.each([
		[401, 'TSRUN_UNAUTHORIZED'],
		[403, 'TSRUN_REGISTRY_DENIED'],
		[404, 'TSRUN_NO_IMAGE'],
		[400, 'TSRUN_REGISTRY'],
	])('that is refused with %i is an error with the registry’s words', async (status, code) => {
		const { session, registry } = await opened(() => ({ status, body: '{"errors":[{"message":"its own words"}]}' }));
		const failure = fetchManifest(session, '1');
		if (status === 401) return expect(failure).rejects.toMatchObject({ code });
		await expect(failure).rejects.toMatchObject({
			code,
			message: `${registry.host}/team/app:1: registry ${registry.host} answered ${status} to manifest 1: its own words`,
		});
	});

	it.each([500, 429])('is given up when the registry answers %i for ever', async status => {
		const { session, registry } = await opened(() => ({ status, body: '<html>busy</html>' }));
		await expect(fetchManifest(session, '1')).rejects.toThrow(new RegExp(`answered ${status} to manifest 1$`));
		expect(registry.asked).toHaveLength(5);
	});
});

it('its digest alone is had without it', async () => {
	const { session, registry } = await opened(() => ({ headers: { 'docker-content-digest': sha256('x') } }));
	expect(await headManifest(session, '1')).toBe(sha256('x'));
	expect(registry.asked[0]?.method).toBe('HEAD');
});

it.each([405, 404, 403, 501])(
	'its digest alone is not had where HEAD is answered with %i: then the manifest is asked for',
	async status => {
		const { session } = await opened(() => ({ status }));
		expect(await headManifest(session, '1')).toBeUndefined();
	},
);

it('its digest alone is given up where the registry is busy, without another question', async () => {
	const { session, registry } = await opened(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
	await expect(headManifest(session, '1')).rejects.toMatchObject({ code: 'TSRUN_REGISTRY_BUSY' });
	expect(registry.asked).toHaveLength(1);
});
