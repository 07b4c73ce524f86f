import { runTeardown } from '../native/machine.ts';
import { reconcile } from '../state/reconcile.ts';
import { listContainerIds, readContainer } from '../state/state-directory.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { type RemovedImage, removeImage } from './stored-image-list.ts';

export interface RemoveImageRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly image: string;
	readonly force: boolean;
}

/** Removes an image unless a container, running or ended, was made from it. */
export async function removeStoredImage({ roots, image, force }: RemoveImageRequest): Promise<RemovedImage> {
	const { store, state } = openContainerRoots(roots);
	reconcile(state, runTeardown);
	const inUse = new Set(listContainerIds(state).flatMap(id => readContainer(state, id)?.state.imageDigest ?? []));
	return removeImage(store, image, { inUse, force });
}
