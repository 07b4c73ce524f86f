import { TsrunError } from '../core/errors.ts';
import type { NameReference } from '../image/parse-reference.ts';
import type { Store } from '../store/open-store.ts';
import { findEntry } from '../store/stored-images.ts';
import type { ImageOptions } from './load-image.ts';
import { pullImage, storedNames } from './pull-image.ts';

/**
 * Finds a name that the store does not have as it stands: under the full name that the configuration of registries gives it, or at its
 * registry.
 * @returns the name in the store
 * @throws TsrunError
 */
export async function pullForRun(store: Store, reference: NameReference, options: ImageOptions): Promise<string> {
	const { env } = process;
	const { pull, platform, onPull, limits } = options;
	// of another platform the store may have the name and lack the image
	const isAsked = pull === 'always' || platform !== undefined;
	const known = isAsked ? undefined : storedNames(reference, env).find(name => isStored(store, reference, name));
	if (known !== undefined) return known;
	const display = await onPull?.();
	try {
		if (pull !== 'always') display?.say(`Unable to find image '${reference.name}' in the store`);
		const { name, digest, isNew } = await pullImage(store, reference.text, {
			env,
			platform,
			limits,
			onLayer: display?.onLayer,
			onImage: image => display?.say(`Pulling from ${image.repository}`),
		});
		display?.end();
		display?.say(`Digest: ${digest}`);
		display?.say(`Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${name}`);
		return name;
	} finally {
		display?.end();
	}
}

function isStored(store: Store, reference: NameReference, name: string): boolean {
	try {
		findEntry(store, { ...reference, name });
		return true;
	} catch (error) {
		if (error instanceof TsrunError && error.code === 'TSRUN_NO_IMAGE') return false;
		throw error;
	}
}
