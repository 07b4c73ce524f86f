import { join } from '../core/paths.ts';
import type { Store } from '../store/open-store.ts';
import type { PreparedContainer } from './prepare-container.ts';

type Claim = Pick<PreparedContainer, 'directory' | 'volumes' | 'image'>;

/** One line of a container's `volumes.json`: while the file is there, its container uses the volumes. */
export interface VolumeUse {
	readonly name: string;
	readonly destination: string;
	readonly isAnonymous: boolean;
	readonly readonly: boolean;
}

export const volumesFile = (directory: string): string => join(directory, 'volumes.json');

/**
 * Makes what is missing of a container's volumes, has them in use from now on, and fills those that are empty.
 * @throws TsrunError TSRUN_STORE
 */
export async function claimVolumes(store: Store, claim: Claim): Promise<void> {
	if (claim.volumes.length === 0) return;
	const { useVolumes } = await import('./volumes/use-volumes.ts');
	await useVolumes(store, claim);
}

/** The container does not come to be: the anonymous volumes that were made for it go. */
export async function releaseVolumes(store: Store, claim: Claim): Promise<void> {
	if (!claim.volumes.some(({ isAnonymous }) => isAnonymous)) return;
	const { dropAnonymousVolumes } = await import('./volumes/use-volumes.ts');
	dropAnonymousVolumes(store, claim);
}
