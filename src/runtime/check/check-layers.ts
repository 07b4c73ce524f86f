import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/brands.ts';
import { compareLayers } from '../../rootfs/compare-layers.ts';
import { DEFAULT_LIMITS, extractLayer } from '../../rootfs/extract-layer.ts';
import { visibleLayers } from '../../rootfs/extract-layers.ts';
import { removeTreeAt } from '../../rootfs/layer-fs.ts';
import { chainIds, chainLayerName, layerName } from '../../rootfs/layer-name.ts';
import { type LayerRecord, readRecord, writeRecord } from '../../rootfs/layer-record.ts';
import { blobPath, type Store } from '../../store/open-store.ts';
import { listEntries, readManifest } from '../../store/stored-images.ts';
import { CONTENT_LOCK, withLock } from '../../store/with-lock.ts';
import { imageContent, imageUses, readStoredConfig } from '../store-content.ts';
import { withWorkspace } from '../workspace.ts';
import { type Finding, found, type Repair } from './finding.ts';

export interface CheckedLayers {
	readonly findings: readonly Finding[];
	readonly count: number;
}

/**
 * Extracts every layer once more beside the one that is there, and compares both, byte for byte: there is no cheaper way to know
 * that nothing in a directory has changed. A repair puts the new one in place of the other.
 */
export async function checkLayers(
	store: Store,
	isRepairing: boolean,
	bad: ReadonlySet<Digest>,
): Promise<CheckedLayers> {
	const findings: Finding[] = [...(await checkRecords(store, isRepairing))];
	const done = new Set<string>();
	for (const { digest } of listEntries(store)) {
		for (const layer of layersOf(store, digest)) {
			if (done.has(layer.name) || bad.has(layer.blob) || !existsSync(blobPath(store, layer.blob))) continue;
			done.add(layer.name);
			const finding = await checkLayer(store, layer, isRepairing);
			if (finding !== undefined) findings.push(finding);
		}
	}
	return { findings, count: done.size };
}

/** Records that cannot be read; without one, the layer is extracted anew when it is needed. */
async function checkRecords(store: Store, isRepairing: boolean): Promise<readonly Finding[]> {
	const findings: Finding[] = [];
	for (const file of readdirSync(store.layers).filter(name => name.endsWith('.json'))) {
		const name = file.slice(0, -'.json'.length);
		const problem = problemOfRecord(store, name);
		if (problem === undefined) continue;
		const remove = (): void => rmSync(join(store.layers, file), { recursive: true, force: true });
		findings.push(
			await found({ kind: 'damage', what: `record of layer ${name}`, problem }, isRepairing, {
				text: 'removed; it is made again when it is needed',
				perform: remove,
			}),
		);
	}
	return findings;
}

function problemOfRecord(store: Store, name: string): string | undefined {
	try {
		const record = readRecord(store.layers, name);
		if (record === undefined) return existsSync(join(store.layers, `${name}.json`)) ? 'is empty' : undefined;
		const own = record.chainId === undefined ? layerName(record.diffId) : chainLayerName(record.chainId);
		return own === name ? undefined : `is that of layer ${own}`;
	} catch (error) {
		return (error as Error).message;
	}
}

interface PlacedLayer {
	readonly name: string;
	readonly record: LayerRecord;
	readonly blob: Digest;
	readonly diffId: Digest;
	/** Names of the layers below, bottom first. */
	readonly below: readonly string[];
	readonly chainId: Digest;
}

/** The layers of an image that are extracted, up to the first that is not. */
function layersOf(store: Store, manifest: Digest): readonly PlacedLayer[] {
	try {
		const { layers } = readManifest(store, manifest);
		const { diffIds } = readStoredConfig(store, manifest).rootfs;
		const chains = chainIds(diffIds);
		const placed: PlacedLayer[] = [];
		for (const [index, diffId] of diffIds.entries()) {
			const chainId = chains[index] ?? diffId;
			const name = [chainLayerName(chainId), layerName(diffId)].find(each => isThere(store, each));
			const record = name === undefined ? undefined : readRecord(store.layers, name);
			const blob = layers[index]?.digest;
			if (name === undefined || record === undefined || blob === undefined) break;
			placed.push({ name, record, blob, diffId, below: visibleLayers(placed), chainId });
		}
		return placed;
	} catch {
		// what keeps the documents from being read is found elsewhere
		return [];
	}
}

function isThere(store: Store, name: string): boolean {
	return existsSync(join(store.layers, name)) && existsSync(join(store.layers, `${name}.json`));
}

async function checkLayer(store: Store, layer: PlacedLayer, isRepairing: boolean): Promise<Finding | undefined> {
	return withWorkspace(store, async ({ store: inside, keep }) => {
		await keep([layer.name, layer.blob, ...layer.below]);
		const fresh = join(inside.tmp, layer.name);
		try {
			const { problem, record } = await compareWithFresh(inside, layer, fresh);
			if (problem === undefined) return undefined;
			const finding = { kind: 'damage', what: `layer ${layer.name}`, problem } as const;
			return await found(finding, isRepairing, replacement(inside, layer, record));
		} catch (error) {
			// its image was removed before it could be kept
			const isWhole = [layer.name, ...layer.below].every(name => isThere(store, name));
			if (!isWhole || !existsSync(blobPath(store, layer.blob))) return undefined;
			throw error;
		} finally {
			removeTreeAt(inside.tmp, layer.name);
		}
	});
}

async function compareWithFresh(
	store: Store,
	{ name, record, blob, diffId, below }: PlacedLayer,
	fresh: string,
): Promise<{ readonly problem: string | undefined; readonly record: LayerRecord }> {
	mkdirSync(fresh, { mode: 0o755 });
	const extraction = await extractLayer({
		blob: blobPath(store, blob),
		diffId,
		target: fresh,
		limits: DEFAULT_LIMITS,
		overlayXattrs: 'trusted.overlay.',
		...(record.chainId === undefined && below.length > 0
			? {}
			: { lower: below.map(each => join(store.layers, each)).reverse() }),
	});
	if (extraction.kind === 'needs-lower') return { problem: 'is made as if nothing were below it', record };
	const { root, hidesBelow, whiteoutDirectories } = extraction;
	const { root: _, ...rest } = record;
	const made = { ...rest, ...(root === undefined ? {} : { root }), hidesBelow, whiteoutDirectories };
	const isSame = JSON.stringify(comparable(made)) === JSON.stringify(comparable(record));
	const difference = compareLayers(fresh, join(store.layers, name));
	return { problem: difference ?? (isSame ? undefined : 'has a record that does not fit its content'), record: made };
}

function comparable({ diffId, chainId, hidesBelow, whiteoutDirectories, root }: LayerRecord): unknown {
	const xattrs = root?.xattrs.map(([name, value]) => [name, Buffer.from(value).toString('hex')]);
	const { mode, uid, gid, mtimeSec, mtimeNsec } = root ?? {};
	return [diffId, chainId, hidesBelow, whiteoutDirectories, mode, uid, gid, mtimeSec, mtimeNsec, xattrs];
}

/** Under a running container nothing is exchanged: what overlayfs shows then is not defined. */
function replacement(inside: Store, layer: PlacedLayer, record: LayerRecord): Repair {
	return {
		text: 'extracted anew',
		perform: () =>
			withLock(inside, { name: CONTENT_LOCK, kind: 'exclusive' }, () => {
				const users = imageUses(inside).filter(({ isRunning, digest }) => isRunning && has(inside, digest, layer.name));
				if (users[0] !== undefined) throw new Error(`${users[0].what} uses it; end that first`);
				rmSync(join(inside.layers, `${layer.name}.json`), { force: true });
				renameSync(join(inside.layers, layer.name), join(inside.tmp, 'damaged'));
				renameSync(join(inside.tmp, layer.name), join(inside.layers, layer.name));
				writeRecord(inside, layer.name, record);
			}),
	};
}

function has(store: Store, manifest: Digest, layer: string): boolean {
	try {
		return imageContent(store, manifest).includes(layer);
	} catch {
		return true;
	}
}
