import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPushedImage, type PushedImage, rawAt } from './support/pushed-image.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
let image: PushedImage;
let signature = { mediaType: MANIFEST, digest: '', size: 0 };

const digestOf = (text: string): string =>
	`sha256:${execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64)}`;
const tagOf = (digest: string): string => digest.replace(':', '-');

async function put(path: string, type: string, body: string): Promise<void> {
	const response = await fetch(new URL(path, `http://${image.registry.host}`), {
		method: 'PUT',
		headers: { 'content-type': type },
		body,
	});
	expect(response.status).toBe(201);
}
async function putBlob(body: string): Promise<{ digest: string; size: number }> {
	const started = await fetch(`http://${image.registry.host}/v2/team/app/blobs/uploads/`, { method: 'POST' });
	const location = new URL(started.headers.get('location') ?? '');
	location.searchParams.set('digest', digestOf(body));
	await put(location.href, 'application/octet-stream', body);
	return { digest: digestOf(body), size: body.length };
}

/** An artifact as a tool that signs images leaves it at a registry of version 2.8, which keeps no list itself. */
beforeAll(async () => {
	image = await openPushedImage();
	const empty = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await putBlob('{}')) };
	const layer = { mediaType: 'text/plain', ...(await putBlob('signed\n')) };
	const subject = { mediaType: MANIFEST, digest: image.digest, size: rawAt(image.name).length };
	const about = { schemaVersion: 2, mediaType: MANIFEST, artifactType: 'example/signature' };
	const text = JSON.stringify({ ...about, config: empty, layers: [layer], subject, annotations: { by: 'me' } });
	signature = { mediaType: MANIFEST, digest: digestOf(text), size: text.length };
	await put(`/v2/team/app/manifests/${signature.digest}`, MANIFEST, text);
	const listed = { ...signature, artifactType: about.artifactType, annotations: { by: 'me' } };
	const list = { schemaVersion: 2, mediaType: INDEX, manifests: [listed] };
	await put(`/v2/team/app/manifests/${tagOf(image.digest)}`, INDEX, JSON.stringify(list));
});
afterAll(() => image.close());

it('what refers to an image comes and goes with it when that is asked for, and is no image itself', async () => {
	const { tsrun, sandbox, remove } = image.fresh();
	const blobs = () => readdirSync(join(sandbox.root, 'images/blobs/sha256')).length;
	const referrers = async () => JSON.parse((await tsrun('inspect', image.name)).stdout)[0].Referrers;
	expect((await tsrun('pull', '-q', image.name)).exitCode).toBe(0);
	expect([blobs(), await referrers()]).toEqual([4, undefined]);

	expect(await tsrun('pull', '-q', '--referrers', image.name)).toMatchObject({ exitCode: 0, stderr: '' });
	expect(await referrers()).toEqual([
		{ ...signature, artifactType: 'example/signature', annotations: { by: 'me' }, subject: image.digest },
	]);
	// the list, the signature, its config and its content
	expect(blobs()).toBe(8);
	expect((await tsrun('images', '-q')).stdout.trim().split('\n')).toHaveLength(1);
	expect((await tsrun('image', 'prune', '-f')).exitCode).toBe(0);
	expect(blobs()).toBe(8);
	expect((await tsrun('system', 'check')).exitCode).toBe(0);

	const other = `${image.registry.host}/signed/app`;
	expect(await tsrun('push', '-q', '--referrers', image.name, `${other}:1`)).toMatchObject({ exitCode: 0, stderr: '' });
	expect(JSON.parse(rawAt(`${other}:${tagOf(image.digest)}`)).manifests).toEqual([
		{ ...signature, artifactType: 'example/signature', annotations: { by: 'me' } },
	]);
	expect(rawAt(`${other}@${signature.digest}`)).toBe(rawAt(`${image.registry.host}/team/app@${signature.digest}`));

	expect((await tsrun('rmi', image.name)).exitCode).toBe(0);
	expect(blobs()).toBe(0);
	expect((await tsrun('system', 'check')).exitCode).toBe(0);
	remove();
});
