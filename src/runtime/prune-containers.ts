import { TsrunError } from '../core/errors.ts';
import { UsageCounter } from '../store/usage-counter.ts';
import { type ContainerSummary, listContainers } from './list-containers.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { removeContainer } from './remove-container.ts';

export interface ContainerPruneRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly accepts: (container: ContainerSummary) => boolean;
}

export interface PrunedContainers {
	/** Ids of the containers that went. */
	readonly containers: readonly string[];
	readonly bytes: number;
}

/** Removes containers of images that do not run: those that have ended, and those that were never started. What runs by then stays. */
export async function pruneContainers({ roots, accepts }: ContainerPruneRequest): Promise<PrunedContainers> {
	const { store } = openContainerRoots(roots);
	const counter = new UsageCounter();
	const containers: string[] = [];
	let bytes = 0;
	for (const { id } of listContainers(roots).filter(each => isIdle(each) && accepts(each))) {
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
	return { containers, bytes };
}

/** Engines remove containers of bundles themselves. */
const isIdle = ({ status, image }: ContainerSummary): boolean =>
	(status === 'exited' || status === 'created') && image !== '';
