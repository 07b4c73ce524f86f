import type { ContainerSummary } from './list-containers.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { pruneContainers } from './prune-containers.ts';
import { type PrunedImages, type PruneRequest, pruneImages } from './prune-images.ts';
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

/** Removes containers that do not run, where asked volumes, images that nothing uses then, and garbage. */
export async function pruneSystem({
	roots,
	acceptsContainer,
	acceptsVolume,
	...request
}: SystemPruneRequest): Promise<PrunedSystem> {
	const { store } = openContainerRoots(roots);
	const ended = await pruneContainers({ roots, accepts: acceptsContainer });
	const volumes = acceptsVolume === undefined ? undefined : await pruneVolumes(store, acceptsVolume);
	const images = await pruneImages(store, request);
	return {
		...images,
		containers: ended.containers,
		volumes: volumes?.names ?? [],
		bytes: images.bytes + ended.bytes + (volumes?.bytes ?? 0),
	};
}
