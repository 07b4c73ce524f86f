import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/brands.ts';
import type { ByteRange } from './decompress.ts';
import { DEFAULT_LIMITS, type Extraction, type ExtractJob, extractLayer, type LayerLimits } from './extract-layer.ts';
import { removeTreeAt } from './layer-fs.ts';
import { chainIds, chainLayerName, layerName } from './layer-name.ts';
import { type LayerRecord, readRecord, whiteoutsFit, writeRecord } from './layer-record.ts';
import type { Arrival } from './read-arriving.ts';

export interface LayerBlob {
	readonly path: string;
	readonly range?: ByteRange;
	/** Where it can be read until it is complete; known when its first bytes may come. */
	readonly arrival?: Promise<Arrival | undefined>;
	/** Settles when the blob's digest is verified; the layer appears only then. */
	readonly verified?: Promise<unknown>;
}

export interface LayersToExtract {
	/** Bottom first, as in the image's config. */
	readonly diffIds: readonly Digest[];
	/** Where the bytes of each layer are. */
	readonly blobs: readonly LayerBlob[];
	/** Directory of the extracted layers. */
	readonly layers: string;
	/** Directory for half-written ones, on the same file system. */
	readonly tmp: string;
	/** Runs work while no other process extracts the layer of this name. */
	readonly withLock: <T>(name: string, work: () => Promise<T>) => Promise<T>;
	readonly limits?: LayerLimits;
	/** `trusted.overlay.` unless told; `user.overlay.` for rootless mounts. */
	readonly overlayXattrs?: string;
	/** How a layer is extracted: in this thread unless told. */
	readonly extract?: (job: ExtractJob) => Promise<Extraction>;
	readonly onLayer?: (diffId: Digest, state: 'present' | 'extracting' | 'done') => void;
}

export interface LayerOnDisk {
	/** Its directory's name in `layers`. */
	readonly name: string;
	readonly record: LayerRecord;
}

/**
 * Gives every layer of an image a directory, bottom first. Layers that are not there yet are extracted at once, in parallel:
 * an overlay layer mostly does not need the one below. One that turns out to (a hard link to a file below, a directory it
 * does not list, a whiteout of nothing) waits for those below, and is kept under its chainID instead of its diffID.
 * @throws TsrunError as extractLayer
 */
export async function extractLayers(work: LayersToExtract): Promise<readonly LayerOnDisk[]> {
	const chains = chainIds(work.diffIds);
	const layers: Promise<LayerOnDisk>[] = [];
	for (const [index, diffId] of work.diffIds.entries()) {
		const blob = work.blobs[index];
		if (blob === undefined) throw new Error(`layer ${diffId} has no blob`);
		const chainId = chains[index] ?? diffId;
		layers.push(provide({ work, diffId, chainId, blob, below: layers.slice(0, index) }));
	}
	const settled = await Promise.allSettled(layers);
	return settled.map(result => {
		if (result.status === 'rejected') throw result.reason;
		return result.value;
	});
}

interface Task {
	readonly work: LayersToExtract;
	readonly diffId: Digest;
	readonly chainId: Digest;
	readonly blob: LayerBlob;
	/** The layers below, bottom first, as they become ready. */
	readonly below: readonly Promise<LayerOnDisk>[];
}

async function provide(task: Task): Promise<LayerOnDisk> {
	const { work, diffId, chainId, below } = task;
	if (below.length > 0) {
		const early = await findOrExtract(task, layerName(diffId), undefined);
		const lower = await directoriesOf(task);
		if (early !== undefined && whiteoutsFit(early.record.whiteoutDirectories, lower)) return early;
	}
	const layer = await findOrExtract(task, chainLayerName(chainId), await directoriesOf(task));
	if (layer === undefined) throw new Error(`layer ${diffId} still needs the layers below in ${work.layers}`);
	return layer;
}

/** Top first, once they are there. */
async function directoriesOf({ work, below }: Task): Promise<readonly string[]> {
	return visibleLayers(await Promise.all(below))
		.map(name => join(work.layers, name))
		.reverse();
}

/**
 * The directories that an overlay of these layers takes, bottom first: none below an opaque root, and none twice, which
 * overlayfs refuses; the upper of two equal layers says all that the lower one says.
 */
export function visibleLayers(layers: readonly LayerOnDisk[]): readonly string[] {
	const names = layers
		.slice(
			Math.max(
				0,
				layers.findLastIndex(({ record }) => record.hidesBelow),
			),
		)
		.map(({ name }) => name);
	return names.filter((name, index) => names.lastIndexOf(name) === index);
}

/** @returns undefined when the layer needs those below and `lower` does not give them */
async function findOrExtract(
	task: Task,
	lock: string,
	lower: readonly string[] | undefined,
): Promise<LayerOnDisk | undefined> {
	const { work, diffId } = task;
	const present = find(task, lower);
	if (present !== undefined) {
		work.onLayer?.(diffId, 'present');
		return present;
	}
	return work.withLock(`layer-${lock}`, async () => {
		const made = find(task, lower);
		if (made !== undefined) return made;
		work.onLayer?.(diffId, 'extracting');
		const layer = await extractToPlace(task, lower);
		if (layer !== undefined) work.onLayer?.(diffId, 'done');
		return layer;
	});
}

/** The layer on its own, or the one of this chain. */
function find({ work, diffId, chainId }: Task, lower: readonly string[] | undefined): LayerOnDisk | undefined {
	const name = layerName(diffId);
	const record = readRecord(work.layers, name);
	if (record?.diffId === diffId && (lower === undefined || whiteoutsFit(record.whiteoutDirectories, lower))) {
		return { name, record };
	}
	const chainName = chainLayerName(chainId);
	const ofChain = readRecord(work.layers, chainName);
	return ofChain?.chainId === chainId ? { name: chainName, record: ofChain } : undefined;
}

async function extractToPlace(task: Task, lower: readonly string[] | undefined): Promise<LayerOnDisk | undefined> {
	const { work, diffId, chainId, blob } = task;
	const temporary = `layer-${layerName(diffId)}-${randomBytes(4).toString('hex')}`;
	const target = join(work.tmp, temporary);
	mkdirSync(target, { mode: 0o755 });
	try {
		const { limits = DEFAULT_LIMITS, overlayXattrs = 'trusted.overlay.', extract = extractLayer } = work;
		const view = lower === undefined ? {} : { lower };
		const range = blob.range === undefined ? {} : { range: blob.range };
		const arriving = await blob.arrival;
		const arrival = arriving === undefined ? {} : { arrival: arriving };
		const place = { blob: blob.path, ...range, ...arrival };
		const extraction = await extract({ ...place, diffId, target, limits, overlayXattrs, ...view });
		if (extraction.kind === 'needs-lower') return undefined;
		await blob.verified;
		const { root, hidesBelow, whiteoutDirectories, usedLower } = extraction;
		const name = usedLower ? chainLayerName(chainId) : layerName(diffId);
		const made = readRecord(work.layers, name);
		if (made !== undefined) return { name, record: made };
		const record: LayerRecord = {
			diffId,
			...(usedLower ? { chainId } : {}),
			...(root === undefined ? {} : { root }),
			hidesBelow,
			whiteoutDirectories,
		};
		removeTreeAt(work.layers, name);
		renameSync(target, join(work.layers, name));
		writeRecord(work, name, record);
		return { name, record };
	} finally {
		removeTreeAt(work.tmp, temporary);
	}
}
