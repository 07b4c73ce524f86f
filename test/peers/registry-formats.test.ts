import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound, indexLayout, openPushedImage, type PushedImage, rawAt, run } from './support/pushed-image.ts';

let at: PushedImage['at'];
let registry: PushedImage['registry'];
let fresh: PushedImage['fresh'];
let close: PushedImage['close'];
beforeAll(async () => {
	({ at, registry, fresh, close } = await openPushedImage());
});
afterAll(() => close());

describe('what others push', () => {
	const storage = (): readonly string[] => [
		'--root',
		at('storage'),
		'--runroot',
		at('runroot'),
		'--storage-driver',
		'vfs',
	];

	const pushers: Readonly<Record<string, (name: string) => void>> = {
		'skopeo, in docker’s format': name =>
			void run(
				'skopeo',
				'copy',
				'-q',
				'--format',
				'v2s2',
				'--dest-tls-verify=false',
				`oci:${at('layout')}:latest`,
				`docker://${name}`,
			),
		'skopeo, with an index': name => {
			run(
				'skopeo',
				'copy',
				'-q',
				'--all',
				'--dest-tls-verify=false',
				`oci:${indexLayout(at)}:latest`,
				`docker://${name}`,
			);
		},
		buildah: name => {
			const id = run(
				'buildah',
				...storage(),
				'pull',
				'-q',
				'--tls-verify=false',
				`docker://${registry.host}/team/app:1`,
			).trim();
			run('buildah', ...storage(), 'push', '-q', '--tls-verify=false', id, `docker://${name}`);
		},
		podman: name => {
			const id = run('podman', ...storage(), 'pull', '-q', '--tls-verify=false', `${registry.host}/team/app:1`).trim();
			run('podman', ...storage(), 'push', '-q', '--tls-verify=false', id, `docker://${name}`);
		},
		umoci: name => {
			if (!existsSync(at('umoci'))) run('umoci', 'init', '--layout', at('umoci'));
			run('umoci', 'new', '--image', `${at('umoci')}:x`);
			run('umoci', 'insert', '--image', `${at('umoci')}:x`, '/bin/busybox', '/bin/busybox');
			run(
				'umoci',
				'config',
				'--image',
				`${at('umoci')}:x`,
				'--config.entrypoint',
				'/bin/busybox',
				'--config.entrypoint',
				'true',
			);
			run('skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${at('umoci')}:x`, `docker://${name}`);
		},
	};

	it.each(Object.keys(pushers))('%s: is pulled with the same digest, and runs', async pusher => {
		const name = `${registry.host}/from/${pusher.replace(/\W.*/, '')}:1`;
		pushers[pusher]?.(name);
		const raw = rawAt(name);
		const pushed = `sha256:${execFileSync('sha256sum', { input: raw, encoding: 'utf8' }).slice(0, 64)}`;
		const { tsrun, sandbox, remove } = fresh();
		const { exitCode, stderr } = await tsrun('pull', name);
		expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`Digest: ${pushed}\n`)]);
		expect((await tsrun('run', '--rm', '--pull', 'never', name)).exitCode).toBe(0);
		expect((await tsrun('run', '--rm', '--pull', 'never', `${name.replace(/:1$/, '')}@${pushed}`)).exitCode).toBe(0);
		expectSound(sandbox.root);
		remove();
	});

	it('of an index only this platform comes; with --platform another, with --all-platforms all and what is said of them, and skopeo reads them', async () => {
		const name = `${registry.host}/from/index:1`;
		run(
			'skopeo',
			'copy',
			'-q',
			'--all',
			'--dest-tls-verify=false',
			`oci:${indexLayout(at)}:latest`,
			`docker://${name}`,
		);
		const { tsrun, sandbox, remove } = fresh();
		const blobs = () => readdirSync(join(sandbox.root, 'images/blobs/sha256')).length;
		expect((await tsrun('pull', '-q', name)).exitCode).toBe(0);
		expect(blobs()).toBe(5);
		expect((await tsrun('pull', '-q', '--platform', 'linux/arm64', name)).stderr).toMatch(
			/no image for platform linux\/arm64\n {2}hint: the image exists for linux\/s390x, linux\/\w+\n/,
		);
		const foreign = ['run', '--rm', '--platform', 'linux/s390x'];
		expect((await tsrun(...foreign, '--pull', 'never', name)).stderr).toMatch(/no image for platform linux\/s390x/);
		// the programs in it are this machine's: only its config says otherwise
		const pulled = await tsrun(...foreign, name, 'exit', '0');
		expect([pulled.exitCode, pulled.stderr]).toEqual([0, expect.stringContaining('Status: Downloaded newer image')]);
		expect((await tsrun(...foreign, '--pull', 'never', name, 'exit', '4')).exitCode).toBe(4);
		expect((await tsrun('pull', '-q', '--all-platforms', name)).exitCode).toBe(0);
		// the foreign manifest and its config; the attestation, its config and its statement
		expect(blobs()).toBe(10);
		expect((await tsrun('run', '--rm', '--pull', 'never', name)).exitCode).toBe(0);
		expect((await tsrun('image', 'prune', '-f')).exitCode).toBe(0);
		expect(blobs()).toBe(10);
		expect((await tsrun('system', 'check')).exitCode).toBe(0);
		run('skopeo', 'copy', '-q', '--all', `oci:${sandbox.root}/images:${name}`, `oci:${at('copy')}:x`);
		expectSound(sandbox.root);
		remove();
	});
});
