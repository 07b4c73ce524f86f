import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createCli } from '../../cli/support.ts';
import { witnessImage } from '../../kernel/support/witness-image.ts';
import { openTestRegistry, type TestRegistry } from './open-registry.ts';

export const run = (command: string, ...words: readonly string[]): string =>
	execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The digest of what a name stands for at a registry, as skopeo sees it. */
export const digestAt = (name: string): string =>
	(JSON.parse(run('skopeo', 'inspect', '--tls-verify=false', `docker://${name}`)) as { Digest: string }).Digest;

/** Of a registry without TLS or with one, the bytes of what a name stands for. */
export const rawAt = (name: string): string =>
	run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`);

export interface PushedImage {
	readonly registry: TestRegistry;
	/** `…/team/app:1`, which skopeo has pushed from the layout `layout`: a busybox in two layers. */
	readonly name: string;
	readonly digest: string;
	/** A path in a directory that ends with the registry. */
	readonly at: (name: string) => string;
	/** A store of its own, and the command line with the registry named as insecure. */
	readonly fresh: () => Fresh;
	readonly close: () => Promise<void>;
}

export type Fresh = ReturnType<typeof freshStore>;

/** Debian's docker-registry, in which there is an image. */
export async function openPushedImage(): Promise<PushedImage> {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-pull-'));
	const at = (name: string): string => join(dir, name);
	const registry = await openTestRegistry();
	await witnessImage(at('layout'), { layers: [[{ name: 'etc/second', data: 'layer two\n' }]], busybox: true });
	const name = `${registry.host}/team/app:1`;
	run('skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${at('layout')}:latest`, `docker://${name}`);
	return {
		registry,
		name,
		digest: digestAt(name),
		at,
		fresh: () => freshStore(registry),
		close: async () => {
			await registry.close();
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

function freshStore(registry: TestRegistry) {
	const cli = createCli();
	const env = { CONTAINERS_REGISTRIES_CONF: registry.conf, HOME: cli.sandbox.dir, REGISTRY_AUTH_FILE: '' };
	return {
		sandbox: cli.sandbox,
		tsrun: (...words: readonly string[]) => cli.tsrun(words, { env }),
		env: { ...cli.sandbox.env, ...env },
		remove: cli.sandbox.remove,
	};
}

/** Nothing half-written, and each blob is what its name says. */
export function expectSound(root: string): void {
	expect(readdirSync(join(root, 'tmp'))).toEqual([]);
	const blobs = join(root, 'images/blobs/sha256');
	for (const hex of readdirSync(blobs)) {
		expect(run('sha256sum', join(blobs, hex)).slice(0, 64)).toBe(hex);
	}
}

/** A layout with an index of two platforms, of which one is this machine's and has an attestation, beside the layout of an image. */
export function indexLayout(at: (name: string) => string): string {
	const path = at('index');
	if (existsSync(path)) return path;
	run('cp', '-r', at('layout'), path);
	const index = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as {
		manifests: Record<string, unknown>[];
	};
	const [manifest] = index.manifests;
	const blobs = join(path, 'blobs/sha256');
	const put = (value: unknown, mediaType: string) => {
		const text = JSON.stringify(value);
		const hex = execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64);
		writeFileSync(join(blobs, hex), text);
		return { mediaType, digest: `sha256:${hex}`, size: text.length };
	};
	const read = (value: string) => JSON.parse(readFileSync(join(blobs, value.slice(7)), 'utf8'));
	const own = read(String(manifest?.digest)) as { config: { digest: string; mediaType: string } };
	const config = read(own.config.digest) as Record<string, unknown>;
	const foreignConfig = put({ ...config, architecture: 's390x' }, own.config.mediaType);
	const type = 'application/vnd.oci.image.manifest.v1+json';
	const foreign = put({ ...own, config: foreignConfig }, type);
	const statement = put({ _type: 'https://in-toto.io/Statement/v1', subject: [] }, 'application/vnd.in-toto+json');
	const nothing = { os: 'unknown', architecture: 'unknown' };
	const about = put({ ...nothing, rootfs: { type: 'layers', diff_ids: [statement.digest] } }, own.config.mediaType);
	const attestation = put({ schemaVersion: 2, mediaType: type, config: about, layers: [statement] }, type);
	const { annotations: _, ...plain } = manifest ?? {};
	const list = {
		schemaVersion: 2,
		mediaType: 'application/vnd.oci.image.index.v1+json',
		manifests: [
			{ ...foreign, platform: { os: 'linux', architecture: 's390x' } },
			{
				...attestation,
				platform: nothing,
				annotations: {
					'vnd.docker.reference.digest': plain.digest,
					'vnd.docker.reference.type': 'attestation-manifest',
				},
			},
			{ ...plain, platform: { os: 'linux', architecture: config.architecture } },
		],
		annotations: { 'org.example.kept': 'yes' },
	};
	const top = put(list, list.mediaType);
	const named = { ...top, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
	writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
	return path;
}
