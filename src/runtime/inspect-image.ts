import type { Store } from '../store/open-store.ts';
import { listEntries, nameOf, repositoryOf, type StoredEntry } from '../store/stored-images.ts';
import { storedReferrers } from '../store/stored-referrers.ts';
import { findImage } from './image-document.ts';
import { readResolved } from './resolved-image.ts';

/** What docker shows of a configuration also where it is empty. */
const EMPTY_CONFIG = {
	User: '',
	ExposedPorts: null,
	Env: null,
	Cmd: null,
	Volumes: null,
	WorkingDir: '',
	Entrypoint: null,
	OnBuild: null,
	Labels: null,
};

/** An image in the shape of `docker inspect`. @throws TsrunError TSRUN_NO_IMAGE */
export function inspectImage(store: Store, text: string): Readonly<Record<string, unknown>> {
	const { entry, manifest, document } = findImage(store, text);
	const names = listEntries(store)
		.filter(({ digest }) => digest === entry.digest)
		.flatMap(each => nameOf(each) ?? []);
	const { mediaType, digest, size, platform } = entry;
	return {
		Id: manifest.config.digest,
		RepoTags: names,
		RepoDigests: [...new Set(names.map(repositoryOf))].map(name => `${name}@${entry.listed ?? digest}`),
		Parent: '',
		Comment: document.history?.at(-1)?.comment ?? '',
		Created: document.created ?? '',
		DockerVersion: '',
		Author: document.author ?? '',
		Config: { ...EMPTY_CONFIG, ...document.config },
		Architecture: document.architecture,
		...(document.variant === undefined ? {} : { Variant: document.variant }),
		Os: document.os,
		Size: [entry, manifest.config, ...manifest.layers].reduce((sum, each) => sum + each.size, 0),
		GraphDriver: { Name: 'overlay2', Data: overlayOf(store, entry.digest) },
		RootFS: { Type: 'layers', Layers: document.rootfs.diff_ids },
		Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
		Descriptor: { mediaType, digest, size, ...(platform === undefined ? {} : { platform }) },
		...annotationsOf(manifest.annotations),
		...referrersOf(store, entry),
	};
}

function annotationsOf(annotations: Readonly<Record<string, string>> | undefined): object {
	return annotations === undefined ? {} : { Annotations: annotations };
}

/** Signatures, SBOMs and the like that were pulled with it. */
function referrersOf(store: Store, { digest, listed }: StoredEntry): object {
	const subjects = listed === undefined ? [digest] : [listed, digest];
	const found = subjects.flatMap(subject => storedReferrers(store, subject).map(each => ({ ...each, subject })));
	return found.length === 0 ? {} : { Referrers: found };
}

/** Top first, as in the mount option; empty while the layers are not extracted. */
function overlayOf(store: Store, manifest: Parameters<typeof readResolved>[1]): Readonly<Record<string, string>> {
	const layers = readResolved(store, manifest)?.layers ?? [];
	const paths = layers.map(name => `${store.layers}/${name}`).reverse();
	return paths.length === 0 ? {} : { LowerDir: paths.join(':') };
}
