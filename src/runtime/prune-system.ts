import { TsrunError } from '../core/errors.ts';
import { UsageCounter } from '../store/usage-counter.ts';
import { type ContainerSummary, listContainers } from './list-containers.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { type PrunedImages, type PruneRequest, pruneImages } from './prune-images.ts';
import { removeContainer } from './remove-container.ts';
import type { StoredVolume } from './volumes/list-volumes.ts';
import { pruneVolumes } from './volumes/remove-volumes.ts';

export interface SystemPruneRequest extends PruneRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly acceptsContainer: (container: ContainerSummary) => boolean;
	/** Absent: no volume goes. */
	readonly acceptsVolume?: (volume: StoredVolume) => boolean;
}

export interface PrunedSystem extends PrunedImages {
	/** Ids of the containers that went. */
	readonly containers: readonly string[];
	/** Names of the volumes that went. */
	readonly volumes: readonly string[];
}

/** Removes containers that have ended, where asked volumes, images that nothing uses then, and garbage. */
export async function pruneSystem({
	roots,
	acceptsContainer,
	acceptsVolume,
	...request
}: SystemPruneRequest): Promise<PrunedSystem> {
	const { store } = openContainerRoots(roots);
	const counter = new UsageCounter();
	const ended = listContainers(roots).filter(
		container => container.status === 'exited' && container.image !== '' && acceptsContainer(container),
	);
	const containers: string[] = [];
	let bytes = 0;
	for (const { id } of ended) {
		const size = counter.count(`${store.containers}/${id}`);
		try {
			await removeContainer({ roots, container: id, force: false });
		} catch (error) {
			if (error instanceof TsrunError) continue;
			throw error;
		}
		containers.push(id);
		bytes += size;
	}
	const volumes = acceptsVolume === undefined ? undefined : await pruneVolumes(store, acceptsVolume);
	const images = await pruneImages(store, request);
	return {
		...images,
		containers,
		volumes: volumes?.names ?? [],
		bytes: images.bytes + bytes + (volumes?.bytes ?? 0),
	};
}
