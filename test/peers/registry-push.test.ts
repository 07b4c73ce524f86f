import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestAt, indexLayout, openPushedImage, type PushedImage, rawAt, run } from './support/pushed-image.ts';

let at: PushedImage['at'];
let registry: PushedImage['registry'];
let fresh: PushedImage['fresh'];
let digest = '';
let close: PushedImage['close'];
beforeAll(async () => {
	({ at, registry, fresh, digest, close } = await openPushedImage());
});
afterAll(() => close());

describe('push', () => {
	it('sends what the registry lacks; others pull it with the same digest', async () => {
		const { tsrun, remove } = fresh();
		await tsrun('load', `oci:${at('layout')}:latest`, '-t', 'mine');
		const name = `${registry.host}/pushed/app:1`;
		const first = await tsrun('push', 'mine', name);
		expect([first.exitCode, first.stdout]).toEqual([0, `${name}\n`]);
		expect(first.stderr).toMatch(
			new RegExp(
				`^The push refers to repository \\[${registry.host}/pushed/app\\]\n([0-9a-f]{12}: Pushed\n){3}1: digest: ${digest} size: [0-9]+\n$`,
			),
		);
		expect(digestAt(name)).toBe(digest);
		run('skopeo', 'copy', '-q', '--src-tls-verify=false', `docker://${name}`, `oci:${at('pulled')}:x`);
		for (const tool of ['buildah', 'podman']) {
			const storage = ['--root', at(`${tool}-pull`), '--runroot', at(`${tool}-run`), '--storage-driver', 'vfs'];
			run(tool, ...storage, 'pull', '-q', '--tls-verify=false', `docker://${name}`);
			expect(run(tool, ...storage, 'images', '--digests', '--format', '{{.Digest}}')).toContain(digest);
		}
		const again = await tsrun('push', 'mine', name);
		expect(again.stderr).toMatch(/^The push refers .*\n([0-9a-f]{12}: Already exists\n){3}1: digest/);
		remove();
	});

	it('takes blobs over from another repository of the same registry', async () => {
		const { tsrun, remove } = fresh();
		await tsrun('pull', '-q', `${registry.host}/team/app:1`);
		const { stderr } = await tsrun('push', `${registry.host}/team/app:1`, `${registry.host}/mounted/app:2`);
		expect(stderr.match(/: Mounted\n/g)).toHaveLength(2);
		expect(digestAt(`${registry.host}/mounted/app:2`)).toBe(digest);
		remove();
	});

	it('sends a whole index as it is, and of a part of one the manifest', async () => {
		const source = `${registry.host}/from/index:1`;
		const words = ['copy', '-q', '--all', '--dest-tls-verify=false', `oci:${indexLayout(at)}:latest`];
		run('skopeo', ...words, `docker://${source}`);
		const { tsrun, remove } = fresh();
		await tsrun('pull', '-q', source);
		expect((await tsrun('push', '-q', source, `${registry.host}/part:1`)).exitCode).toBe(0);
		expect(rawAt(`${registry.host}/part:1`)).toContain('"layers"');
		await tsrun('pull', '-q', '--all-platforms', source);
		expect((await tsrun('push', '-q', source, `${registry.host}/whole:1`)).exitCode).toBe(0);
		expect(rawAt(`${registry.host}/whole:1`)).toBe(rawAt(source));
		expect(rawAt(source)).toContain('org.example.kept');
		remove();
	});

	it.each([
		['an image that is not there', ['nosuch', 'x/y'], /no image "nosuch" in the store/],
		['to a digest', ['mine', `x/y@sha256:${'0'.repeat(64)}`], /is not a name to push to/],
		['to a directory', ['mine', 'oci:/x'], /is not a name to push to/],
	])('refuses %s', async (_, words, message) => {
		const { tsrun, remove } = fresh();
		const { exitCode, stderr, stdout } = await tsrun('push', ...words);
		expect([exitCode, stdout]).toEqual([125, '']);
		expect(stderr).toMatch(message);
		remove();
	});
});
