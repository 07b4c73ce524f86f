import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../../src/core/brands.ts';
import { publishManifest } from '../../../../src/image/registry/publish-manifest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/oci/media-types.ts';
import { referrersTag } from '../../../../src/oci/referrers-tag.ts';
import { type Answer, type Asked, sha256 } from './fake-registry.ts';
import { openFake, paths } from './open-fake.ts';

const subject = { mediaType: OCI_MANIFEST, digest: parseDigest(sha256('image')), size: 5 };
const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 };
const document = (more: object) =>
	Buffer.from(JSON.stringify({ schemaVersion: 2, config: empty, layers: [empty], ...more }));
const TAG = `/v2/team/app/manifests/${referrersTag(subject.digest)}`;

async function publish(bytes: Buffer, answer: (asked: Asked) => Answer | undefined) {
	const digest = parseDigest(sha256(bytes));
	const opened = await openFake(answer, { actions: 'pull,push' });
	const descriptor = { mediaType: OCI_MANIFEST, digest, size: bytes.length };
	await publishManifest(opened.session, { descriptor, bytes, version: digest });
	return { ...opened, descriptor };
}

describe('a manifest that refers to another', () => {
	const signature = document({ subject, artifactType: 'example/signature', annotations: { by: 'me' } });

	it('is all where the registry says that it has seen that', async () => {
		const headers = { 'oci-subject': subject.digest };
		const { registry, descriptor } = await publish(signature, () => ({ status: 201, headers }));
		expect(paths(registry)).toEqual([`PUT /v2/team/app/manifests/${descriptor.digest}`]);
	});

	it('begins a list elsewhere', async () => {
		const { registry, descriptor } = await publish(signature, ({ method }) =>
			method === 'PUT' ? { status: 201 } : undefined,
		);
		expect(paths(registry).slice(1)).toEqual([`GET ${TAG}`, `PUT ${TAG}`]);
		expect(registry.asked[2]?.headers['content-type']).toBe(OCI_INDEX);
		expect(JSON.parse(registry.asked[2]?.body ?? '')).toEqual({
			schemaVersion: 2,
			mediaType: OCI_INDEX,
			manifests: [{ ...descriptor, artifactType: 'example/signature', annotations: { by: 'me' } }],
		});
	});

	it('is added to the list that there is, of which all stays', async () => {
		const other = { mediaType: OCI_MANIFEST, digest: sha256('other'), size: 1, unknown: [1] };
		const list = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [other], annotations: { a: 'b' }, unknown: true };
		const answer = ({ method }: Asked): Answer =>
			method === 'PUT' ? { status: 201 } : { headers: { 'content-type': OCI_INDEX }, body: JSON.stringify(list) };
		const { registry, descriptor } = await publish(signature, answer);
		expect(JSON.parse(registry.asked[2]?.body ?? '')).toMatchObject({ ...list, manifests: [other, descriptor] });
	});

	it('is not added twice', async () => {
		const listed = { mediaType: OCI_MANIFEST, digest: sha256(signature), size: signature.length };
		const list = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [listed] });
		const { registry } = await publish(signature, ({ method }) =>
			method === 'PUT' ? { status: 201 } : { headers: { 'content-type': OCI_INDEX }, body: list },
		);
		expect(registry.asked).toHaveLength(2);
	});

	it('does not take the place of an image that has the tag', async () => {
		const answer = ({ method }: Asked): Answer =>
			method === 'PUT' ? { status: 201 } : { headers: { 'content-type': OCI_MANIFEST }, body: document({}) };
		await expect(publish(signature, answer)).rejects.toThrow(/is an image, where a list should be/);
	});

	it('alone: one that refers to nothing is sent, and nothing else', async () => {
		const { registry } = await publish(document({}), () => ({ status: 201 }));
		expect(registry.asked).toHaveLength(1);
	});
});
