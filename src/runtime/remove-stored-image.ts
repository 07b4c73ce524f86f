import { runTeardown } from '../native/machine.ts';
import { reconcile } from '../state/reconcile.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { type RemovedImage, removeImage } from './remove-image.ts';

export interface RemoveImageRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly image: string;
	readonly force: boolean;
}

/** Removes an image unless a container, running or ended, was made from it. */
export async function removeStoredImage({ roots, image, force }: RemoveImageRequest): Promise<RemovedImage> {
	const { store, state } = openContainerRoots(roots);
	reconcile(state, runTeardown);
	return removeImage(store, image, { force });
}
