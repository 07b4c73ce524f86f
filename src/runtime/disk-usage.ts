import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, splitDigest } from '../core/brands.ts';
import type { ContainerStatus } from '../state/container-state.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { UsageCounter } from '../store/usage-counter.ts';
import { imageContent, imageUses, listBlobs, neededContent } from './store-content.ts';
import { readStoredContainers } from './stored-containers.ts';
import { listImages, type StoredImage } from './stored-image-list.ts';
import { volumeUsers } from './volumes/volume-users.ts';

/** A kind of thing in the store, and what of it could be freed. Bytes on disk, as du(1) counts them. */
export interface UsageRow {
	readonly type: 'Images' | 'Layers' | 'Containers' | 'Local Volumes' | 'Other';
	readonly total: number;
	readonly active: number;
	readonly bytes: number;
	readonly reclaimable: number;
}

export interface ImageUsage extends StoredImage {
	/** Bytes of blobs that other images have too, and of its own. */
	readonly shared: number;
	readonly unique: number;
	readonly containers: number;
}

export interface ContainerUsage {
	readonly id: string;
	readonly name: string;
	readonly image: string;
	readonly command: readonly string[];
	readonly created: string;
	readonly status: ContainerStatus | 'orphaned';
	readonly bytes: number;
}

export interface VolumeUsage {
	readonly name: string;
	/** How many containers use it. */
	readonly links: number;
	readonly bytes: number;
}

export interface DiskUsage {
	/** Together, every byte below the store's directory. */
	readonly rows: readonly UsageRow[];
	readonly images: readonly ImageUsage[];
	readonly containers: readonly ContainerUsage[];
	readonly volumes: readonly VolumeUsage[];
	/** Everything else: its path below the store, and its bytes. */
	readonly others: readonly { readonly path: string; readonly bytes: number }[];
}

const OWNED = ['images', 'layers', 'containers', 'volumes'];

/** Who owns the bytes of the store. */
export function diskUsage(store: Store): DiskUsage {
	const counter = new UsageCounter();
	const uses = imageUses(store);
	const active = new Set(uses.flatMap(({ digest }) => [digest, ...contentOrNothing(store, digest)]));
	const images = listImages(store);
	const blobs = listBlobs(store);
	const blobBytes = new Map(blobs.map(digest => [digest as string, counter.count(blobPath(store, digest))]));
	const layers = countEntries(store, counter, 'layers');
	const containers = containerUsage(store, counter);
	const volumes = volumeUsage(store, counter, containers.volumes);
	const others = readdirSync(store.root)
		.filter(name => !OWNED.includes(name))
		.map(path => ({ path, bytes: counter.count(join(store.root, path)) }));
	const own = { path: '.', bytes: counter.own(store.root) };
	const needed = neededContent(store);
	return {
		rows: [
			{
				type: 'Images',
				total: new Set(images.map(({ manifestDigest }) => manifestDigest)).size,
				active: new Set(uses.map(({ digest }) => digest)).size,
				bytes: sum(blobBytes.values()) + rest(store, counter, 'images', blobs),
				reclaimable: sum([...blobBytes].filter(([name]) => !active.has(name)).map(([, bytes]) => bytes)),
			},
			{
				type: 'Layers',
				total: [...layers.keys()].filter(name => !name.endsWith('.json')).length,
				active: [...layers.keys()].filter(name => active.has(name)).length,
				bytes: sum(layers.values()) + counter.own(store.layers),
				reclaimable: sum([...layers].filter(([name]) => !active.has(bare(name))).map(([, bytes]) => bytes)),
			},
			containers.row,
			volumes.row,
			{
				type: 'Other',
				total: others.length,
				active: others.length,
				bytes: sum(others.map(({ bytes }) => bytes)) + own.bytes,
				reclaimable: needed.isComplete ? (others.find(({ path }) => path === 'tmp')?.bytes ?? 0) : 0,
			},
		],
		images: images.map(image => imageUsage(store, image, images)),
		containers: containers.list,
		volumes: volumes.list,
		others: [own, ...others],
	};
}

function countEntries(store: Store, counter: UsageCounter, folder: string): ReadonlyMap<string, number> {
	const path = join(store.root, folder);
	return new Map(readdirSync(path).map(name => [name, counter.count(join(path, name))]));
}

/** What of `images` is no blob: directories, index.json, oci-layout, what another tool has left. */
function rest(store: Store, counter: UsageCounter, folder: string, blobs: readonly Digest[]): number {
	const known = new Set(blobs.map(digest => splitDigest(digest).hex));
	const visit = (path: string): number =>
		readdirSync(path, { withFileTypes: true })
			.filter(({ name }) => !known.has(name))
			.reduce((total, entry) => {
				const child = join(path, entry.name);
				return total + counter.own(child) + (entry.isDirectory() ? visit(child) : 0);
			}, 0);
	return counter.own(join(store.root, folder)) + visit(join(store.root, folder));
}

interface ContainersUsage {
	readonly row: UsageRow;
	readonly list: readonly ContainerUsage[];
	/** Bytes of the anonymous volumes in the directories of containers, by name; under an empty one what is no volume's. */
	readonly volumes: ReadonlyMap<string, number>;
}

function containerUsage(store: Store, counter: UsageCounter): ContainersUsage {
	const { containers } = readStoredContainers(store);
	const records = new Map<string, (typeof containers)[number]['record']>(
		containers.map(({ id, record }) => [id, record]),
	);
	const names = readdirSync(store.containers);
	const volumes = new Map<string, number>();
	for (const name of names) {
		const folder = join(store.containers, name, 'volumes');
		for (const volume of readOrNothing(folder)) volumes.set(volume, counter.count(join(folder, volume)));
		volumes.set('', (volumes.get('') ?? 0) + counter.own(folder));
	}
	const list = names.map((name): ContainerUsage => {
		const record = records.get(name);
		const bytes =
			counter.own(join(store.containers, name)) + countWithout(counter, join(store.containers, name), 'volumes');
		if (record === undefined) {
			return { id: name, name: '', image: '', command: [], created: '', status: 'orphaned', bytes };
		}
		const { state, status } = record;
		const created = new Date(state.created).toISOString();
		return { id: name, name: state.name, image: state.image, command: state.command, created, status, bytes };
	});
	const row: UsageRow = {
		type: 'Containers',
		total: list.length,
		active: list.filter(({ status }) => isRunning(status)).length,
		bytes: sum(list.map(({ bytes }) => bytes)) + counter.own(store.containers),
		reclaimable: sum(list.filter(({ status }) => !isRunning(status)).map(({ bytes }) => bytes)),
	};
	return { row, list, volumes };
}

/** A volume that a container uses, running or not, is active, as docker counts. */
function volumeUsage(
	store: Store,
	counter: UsageCounter,
	inContainers: ReadonlyMap<string, number>,
): { readonly row: UsageRow; readonly list: readonly VolumeUsage[] } {
	const users = volumeUsers(store);
	const list = readOrNothing(store.volumes).map((name): VolumeUsage => {
		const bytes = counter.count(join(store.volumes, name)) + (inContainers.get(name) ?? 0);
		return { name, links: users.get(name)?.length ?? 0, bytes };
	});
	const named = new Set(list.map(({ name }) => name));
	const rest = [...inContainers].filter(([name]) => !named.has(name)).map(([, bytes]) => bytes);
	const row: UsageRow = {
		type: 'Local Volumes',
		total: list.length,
		active: list.filter(({ links }) => links > 0).length,
		bytes: sum(list.map(({ bytes }) => bytes)) + sum(rest) + counter.own(store.volumes),
		reclaimable: sum(list.filter(({ links }) => links === 0).map(({ bytes }) => bytes)),
	};
	return { row, list };
}

function countWithout(counter: UsageCounter, directory: string, left: string): number {
	return sum(
		readOrNothing(directory)
			.filter(name => name !== left)
			.map(name => counter.count(join(directory, name))),
	);
}

function readOrNothing(directory: string): readonly string[] {
	try {
		return readdirSync(directory);
	} catch {
		return [];
	}
}

function isRunning(status: ContainerUsage['status'] | undefined): boolean {
	return status === 'running' || status === 'creating' || status === 'created';
}

function imageUsage(store: Store, image: StoredImage, images: readonly StoredImage[]): ImageUsage {
	const others = images.filter(({ manifestDigest }) => manifestDigest !== image.manifestDigest);
	const elsewhere = new Set<string>(others.flatMap(({ layers, id }) => [...layers, id]));
	const counter = new UsageCounter();
	const sharedBlobs = [...new Set(image.layers)].filter(digest => elsewhere.has(digest));
	const shared = sum(sharedBlobs.map(digest => counter.count(blobPath(store, digest))));
	const containers = imageUses(store).filter(({ digest }) => digest === image.manifestDigest).length;
	return { ...image, shared, unique: Math.max(0, image.size - shared), containers };
}

function contentOrNothing(store: Store, manifest: Digest): readonly string[] {
	try {
		return imageContent(store, manifest);
	} catch {
		return [];
	}
}

function bare(name: string): string {
	return name.replace(/\.json$/, '');
}

function sum(numbers: Iterable<number>): number {
	let total = 0;
	for (const number of numbers) total += number;
	return total;
}
