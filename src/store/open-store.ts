import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { LAYOUT_DOCUMENT } from '../oci/parse-layout.ts';

/** Where everything of a store is. `images` is an OCI image layout (image-spec 1.1, image-layout.md). */
export interface Store {
	readonly root: string;
	readonly images: string;
	/** One directory for each extracted layer, and its record beside it. */
	readonly layers: string;
	/** What `run` needs of an image, by the hex digits of its manifest's digest. */
	readonly resolved: string;
	readonly containers: string;
	/** One directory for each volume; made with the first. */
	readonly volumes: string;
	/** For mounts of images; made when the first is mounted. */
	readonly mounts: string;
	readonly locks: string;
	/** Half-written things; on the same file system as their destination. */
	readonly tmp: string;
}

/**
 * The store at a directory, which is made where it is missing. No other user may enter any directory of it: layers hold
 * setuid programs (CVE-2021-41103).
 * @throws TsrunError TSRUN_STORE
 */
export function openStore(root: string): Store {
	const store: Store = {
		root,
		images: join(root, 'images'),
		layers: join(root, 'layers'),
		resolved: join(root, 'resolved'),
		containers: join(root, 'containers'),
		volumes: join(root, 'volumes'),
		mounts: join(root, 'mounts'),
		locks: join(root, 'locks'),
		tmp: join(root, 'tmp'),
	};
	if (!existsSync(join(store.images, 'oci-layout'))) create(store);
	return store;
}

/** The path of a blob. A digest is checked before it can be part of a path (CVE-2024-3727). */
export function blobPath(store: Store, digest: Digest): string {
	const { algorithm, hex } = splitDigest(digest);
	return `${store.images}/blobs/${algorithm}/${hex}`;
}

function create(store: Store): void {
	const blobs = ['sha256', 'sha512'].map(algorithm => join(store.images, 'blobs', algorithm));
	const { root, images, layers, resolved, containers, locks, tmp } = store;
	try {
		for (const directory of [root, images, layers, resolved, containers, locks, tmp, ...blobs]) {
			mkdirSync(directory, { recursive: true, mode: 0o700 });
		}
		writeOnce(store, 'index.json', '{"schemaVersion":2,"manifests":[]}');
		writeOnce(store, 'oci-layout', LAYOUT_DOCUMENT);
	} catch (cause) {
		const { code = '', message } = cause as NodeJS.ErrnoException;
		throw new TsrunError('TSRUN_STORE', `store ${root} cannot be made: ${message.replace(/^E[A-Z]+: |, .*$/g, '')}`, {
			hint:
				code === 'EACCES' || code === 'EPERM'
					? 'run as root, or choose another directory with --data-root'
					: `look at ${root}`,
			cause,
		});
	}
}

/** Two first commands at once: the first one's file stays, and nobody sees a half-written one. */
function writeOnce(store: Store, name: string, text: string): void {
	if (existsSync(join(store.images, name))) return;
	const temporary = join(store.tmp, `${name}.${process.pid}`);
	writeFileSync(temporary, text, { mode: 0o600 });
	renameSync(temporary, join(store.images, name));
}
