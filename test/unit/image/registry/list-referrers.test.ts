import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../../src/core/brands.ts';
import { listReferrers } from '../../../../src/image/registry/list-referrers.ts';
import { referrersTag } from '../../../../src/oci/referrers-tag.ts';
import { type Answer, type Asked, sha256 } from './fake-registry.ts';
import { openFake, paths } from './open-fake.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const subject = parseDigest(sha256('image'));
const entry = (name: string, artifactType = 'example/sbom') => ({
	mediaType: 'application/vnd.oci.image.manifest.v1+json',
	digest: parseDigest(sha256(name)),
	size: 10,
	annotations: { of: name },
	artifactType,
});
const page = (entries: readonly object[], link?: string): Answer => ({
	headers: { 'content-type': INDEX, ...(link === undefined ? {} : { link }) },
	body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: entries }),
});
const API = `/v2/team/app/referrers/${subject}`;
const TAG = `/v2/team/app/manifests/${referrersTag(subject)}`;

describe('what refers to a manifest', () => {
	it('is listed by the registry, with types and annotations', async () => {
		const { session, registry } = await openFake(({ path }) => (path === API ? page([entry('a')]) : undefined));
		expect(await listReferrers(session, subject)).toEqual({ manifests: [entry('a')], isKeptByRegistry: true });
		expect(paths(registry)).toEqual([`GET ${API}`]);
	});

	it('of one type is asked for, and chosen also where the registry does not choose', async () => {
		const { session, registry } = await openFake(() => page([entry('a'), entry('b', 'example/signature')]));
		expect((await listReferrers(session, subject, 'example/signature')).manifests).toEqual([
			entry('b', 'example/signature'),
		]);
		expect(paths(registry)).toEqual([`GET ${API}?artifactType=example%2Fsignature`]);
	});

	it('goes on over pages', async () => {
		const { session } = await openFake(({ path }) =>
			path === API ? page([entry('a')], `<${API}?last=a>; rel="next"`) : page([entry('b')]),
		);
		expect((await listReferrers(session, subject)).manifests).toEqual([entry('a'), entry('b')]);
	});

	it('is under a tag where the registry does not know the question', async () => {
		const { session } = await openFake(({ path }) => (path === TAG ? page([entry('a')]) : undefined));
		expect(await listReferrers(session, subject)).toEqual({ manifests: [entry('a')], isKeptByRegistry: false });
	});

	it.each<[string, (asked: Asked) => Answer | undefined]>([
		['there is neither', () => undefined],
		['the registry answers with a page for browsers', ({ path }) => (path === API ? { body: '<html>' } : undefined)],
	])('is nothing where %s', async (_, answer) => {
		const { session } = await openFake(answer);
		expect((await listReferrers(session, subject)).manifests).toEqual([]);
	});

	it.each<[string, Answer, RegExp]>([
		[
			'pages in a circle',
			page([entry('a')], `<${API}?last=a>; rel="next"`),
			/lists what refers to sha256:\w+ without end/,
		],
		[
			'a next page elsewhere',
			page([], '<http://169.254.169.254/x>; rel="next"'),
			/next page of a list at "http:\/\/169/,
		],
		['a next page that is a file', page([], '<file:///etc/passwd>; rel=next'), /next page of a list at "file:/],
		[
			'a list of 10 GB',
			{ headers: { 'content-type': INDEX, 'content-length': '10000000000' }, body: '{' },
			/longer than the limit of 4194304 bytes/,
		],
		['no list', { headers: { 'content-type': INDEX }, body: '{"schemaVersion":2}' }, /\/manifests must be/],
	])('is refused by name with %s', async (_, answer, message) => {
		const { session, registry } = await openFake(() => answer);
		await expect(listReferrers(session, subject)).rejects.toThrow(message);
		expect(registry.asked.length).toBeLessThan(4);
	});

	it('is refused by name with ever new pages', async () => {
		let count = 0;
		const { session } = await openFake(() => page([entry('a')], `<${API}?last=${count++}>; rel="next"`));
		await expect(listReferrers(session, subject)).rejects.toThrow(/without end/);
		expect(count).toBe(101);
	});
});
