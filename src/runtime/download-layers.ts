import type { Digest } from '../core/brands.ts';
import { turns } from '../core/turns.ts';
import { downloadFromAny, type NextPlace } from '../image/registry/download-from-any.ts';
import type { Session } from '../image/registry/session.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import type { LayerBlob } from '../rootfs/extract-layers.ts';
import { type Arrival, newArrival, noteArrived, noteLost } from '../rootfs/read-arriving.ts';
import { blobPath, type Store } from '../store/open-store.ts';
import { withLock } from '../store/with-lock.ts';
import { hasBlob, receiveBlob } from '../store/write-blob.ts';
import type { OnLayer } from './layer-progress.ts';

/** As docker: more connections to one registry bring little. */
const AT_ONCE = 3;

export type LayerCopy = LayerBlob & { readonly verified: Promise<void> };

export interface LayersToDownload {
	readonly session: Session;
	/** Where a layer goes on when that breaks off, in this order. */
	readonly others?: readonly (() => Promise<Session>)[];
	readonly layers: readonly Descriptor[];
}

/**
 * Begins to download the layers that are not in the store, a few at once. Each can be read while it comes. Of several processes that
 * want one blob, one downloads it; the others wait. The first failure ends all of them.
 */
export function downloadLayers(
	store: Store,
	{ session, others = [], layers }: LayersToDownload,
	onLayer: OnLayer = () => {},
): ReadonlyMap<Digest, LayerCopy> {
	const copies = new Map<Digest, LayerCopy>();
	const takeTurn = turns(AT_ONCE);
	let failure: { readonly error: unknown } | undefined;
	const next = others.map(open => () => (failure === undefined ? open() : undefined));
	for (const layer of layers) {
		if (copies.has(layer.digest)) continue;
		if (hasBlob(store, layer)) {
			onLayer({ digest: layer.digest, state: 'present', received: layer.size, size: layer.size });
			continue;
		}
		onLayer({ digest: layer.digest, state: 'waiting', received: 0, size: layer.size });
		let begin: (arrival: Arrival | undefined) => void = () => {};
		const arrival = new Promise<Arrival | undefined>(resolve => {
			begin = resolve;
		});
		const verified = takeTurn(async () => {
			if (failure !== undefined) throw failure.error;
			await withLock(store, { name: `blob-${layer.digest.replace(':', '-')}`, kind: 'exclusive' }, () =>
				hasBlob(store, layer) ? undefined : download(store, { session, others: next, layer, onLayer, onBegin: begin }),
			);
			onLayer({ digest: layer.digest, state: 'downloaded', received: layer.size, size: layer.size });
		}).catch(async (error: unknown) => {
			failure ??= { error };
			await session.close();
			throw failure.error;
		});
		// a download that never began is no reason to wait for it; what is verified tells why
		verified.catch(() => {}).then(() => begin(undefined));
		copies.set(layer.digest, { path: blobPath(store, layer.digest), verified, arrival });
	}
	return copies;
}

interface Download {
	readonly session: Session;
	readonly others: readonly NextPlace[];
	readonly layer: Descriptor;
	readonly onLayer: OnLayer;
	readonly onBegin: (arrival: Arrival) => void;
}

async function download(store: Store, { session, others, layer, onLayer, onBegin }: Download): Promise<void> {
	const { digest, size } = layer;
	let arrival: Arrival | undefined;
	async function* noted(): AsyncGenerator<Uint8Array> {
		let received = 0;
		onLayer({ digest, state: 'downloading', received, size });
		for await (const chunk of downloadFromAny(session, others, layer)) {
			yield chunk;
			// asked for more, the writer has written what it had
			received += chunk.length;
			if (arrival !== undefined) noteArrived(arrival, received);
			onLayer({ digest, state: 'downloading', received, size });
		}
	}
	try {
		await receiveBlob(store, layer, {
			content: noted(),
			onFile: path => {
				arrival = newArrival(path, size);
				onBegin(arrival);
			},
		});
	} catch (error) {
		if (arrival !== undefined) noteLost(arrival);
		throw error;
	}
}
