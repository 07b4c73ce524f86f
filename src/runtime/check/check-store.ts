import type { Store } from '../../store/open-store.ts';
import { collectGarbage, findGarbage, type Garbage, withoutOthers } from '../collect-garbage.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkIndex } from './check-index.ts';
import { checkLayers } from './check-layers.ts';
import { checkResolved } from './check-resolved.ts';
import { checkVolumes } from './check-volumes.ts';
import type { Finding } from './finding.ts';

export interface StoreReport {
	readonly findings: readonly Finding[];
	/** What was read: blobs in bytes, layers by number. */
	readonly checked: { readonly blobBytes: number; readonly layers: number };
}

/**
 * Reads every byte of the store and says what is not as it should be: blobs by their digests, index.json and what its entries stand
 * for, layers by extracting them again, the summaries that `run` reads, the volumes, and what nobody needs. Other commands go on meanwhile.
 * @param isRepairing also puts it right: what is damaged is made again or removed, never what a container was made from
 */
export async function checkStore(store: Store, isRepairing: boolean): Promise<StoreReport> {
	const blobs = await checkBlobs(store, isRepairing);
	const index = await checkIndex(store, isRepairing, blobs.bad);
	const isReadable = isRepairing || !index.some(({ what }) => what === 'images/index.json');
	const layers = isReadable ? await checkLayers(store, isRepairing, blobs.bad) : { findings: [], count: 0 };
	// a layer without a record is garbage, and what names it is wrong then
	const garbage = isReadable ? await checkGarbage(store, isRepairing) : [];
	const resolved = await checkResolved(store, isRepairing);
	const volumes = await checkVolumes(store, isRepairing);
	return {
		findings: [...blobs.findings, ...index, ...layers.findings, ...resolved, ...volumes, ...garbage],
		checked: { blobBytes: blobs.bytes, layers: layers.count },
	};
}

async function checkGarbage(store: Store, isRepairing: boolean): Promise<readonly Finding[]> {
	const garbage = isRepairing
		? (await collectGarbage(store)).garbage
		: await withoutOthers(store, () => findGarbage(store));
	return garbage.filter(({ kind }) => kind !== 'lock').map(each => toFinding(each, isRepairing));
}

function toFinding({ path }: Garbage, isRepairing: boolean): Finding {
	const finding: Finding = { kind: 'garbage', what: path, problem: 'belongs to no image, container or command' };
	return isRepairing ? { ...finding, outcome: { isRepaired: true, text: 'removed' } } : finding;
}
