import { lstatSync, readlinkSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from '../../core/paths.ts';
import type { VolumeName } from '../../core/volume-name.ts';
import { AT_FDCWD, RENAME_EXCHANGE, renameat2 } from '../../native/syscalls.ts';
import type { Store } from '../../store/open-store.ts';
import { VOLUMES_LOCK, volumeDirectory } from '../../store/volume-record.ts';
import { withLock } from '../../store/with-lock.ts';
import { type VolumeUse, volumesFile } from '../claim-volumes.ts';
import type { PlannedVolume } from '../plan-volumes.ts';
import type { PreparedContainer } from '../prepare-container.ts';
import { fillVolume } from './fill-volume.ts';
import { makeVolume } from './make-volume.ts';
import { noSuchVolume } from './no-such-volume.ts';

type Claim = Pick<PreparedContainer, 'directory' | 'volumes' | 'image'>;

/** See `claimVolumes`. Who removes volumes holds the lock alone, and looks into every container's `volumes.json`. */
export async function useVolumes(store: Store, { directory, volumes, image }: Claim): Promise<void> {
	await withLock(store, { name: VOLUMES_LOCK, kind: 'shared' }, async () => {
		for (const volume of volumes) {
			if (!(await makeVolume(store, volume)) && !volume.isAnonymous) adopt(store, volume.name);
		}
		writeFileSync(volumesFile(directory), JSON.stringify(volumes.map(useOf)), { mode: 0o600 });
	});
	const layers = image.layerDirs.toReversed();
	for (const { name, path, destination, nocopy, isBound, within } of volumes) {
		if (nocopy !== true && !isBound && within === undefined)
			await fillVolume(store, { name, data: path, layers, source: destination });
	}
}

function useOf({ name, destination, isAnonymous, readonly }: PlannedVolume): VolumeUse {
	return { name, destination, isAnonymous, readonly };
}

/**
 * An anonymous volume of a container that takes it along at its end: now that another container uses it too, it stays. Mounts of
 * it are not affected by where it lies.
 */
function adopt(store: Store, name: VolumeName): void {
	const path = volumeDirectory(store, name);
	if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
	const place = join(store.volumes, readlinkSync(path));
	try {
		renameat2(AT_FDCWD, path, AT_FDCWD, place, RENAME_EXCHANGE);
		unlinkSync(place);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchVolume(name);
		throw error;
	}
}

/** Of a container that does not come to be. What killed commands leave there is found by `volume prune`. */
export function dropAnonymousVolumes(store: Store, { volumes }: Pick<Claim, 'volumes'>): void {
	for (const { name, isAnonymous } of volumes) {
		if (isAnonymous) rmSync(volumeDirectory(store, name), { recursive: true, force: true });
	}
}
