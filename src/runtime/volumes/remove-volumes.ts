import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { isVolumeName, type VolumeName } from '../../core/volume-name.ts';
import type { Store } from '../../store/open-store.ts';
import { UsageCounter } from '../../store/usage-counter.ts';
import { VOLUMES_LOCK, volumeDirectory } from '../../store/volume-record.ts';
import { withLock } from '../../store/with-lock.ts';
import { removeContainerTree } from '../remove-tree.ts';
import { withWorkspace } from '../workspace.ts';
import { listVolumes, type StoredVolume } from './list-volumes.ts';
import { noSuchVolume } from './no-such-volume.ts';
import { volumeUsers } from './volume-users.ts';

/**
 * Removes a volume that no container uses.
 * @throws TsrunError TSRUN_NO_SUCH_VOLUME, TSRUN_VOLUME_IN_USE
 */
export async function removeVolume(store: Store, name: string): Promise<void> {
	await removeWhere(store, users => {
		if (!isVolumeName(name) || lstatSync(volumeDirectory(store, name), { throwIfNoEntry: false }) === undefined) {
			throw noSuchVolume(name);
		}
		const ids = users.get(name) ?? [];
		if (ids.length > 0) {
			throw new TsrunError('TSRUN_VOLUME_IN_USE', `volume ${name} is in use by ${ids.map(shortId).join(', ')}`, {
				hint: 'remove the containers first: tsrun rm',
				exitCode: 1,
			});
		}
		return [name];
	});
}

/** Of these, removes those that no container uses (any more). */
export async function removeUnusedVolumes(store: Store, names: readonly string[]): Promise<void> {
	if (names.length === 0) return;
	await removeWhere(store, users => names.filter(isVolumeName).filter(name => !users.has(name)));
}

export interface PrunedVolumes {
	readonly names: readonly string[];
	/** Bytes on disk that are free now. */
	readonly bytes: number;
}

/** Removes the volumes that no container uses and that are accepted. */
export function pruneVolumes(store: Store, accepts: (volume: StoredVolume) => boolean): Promise<PrunedVolumes> {
	return removeWhere(store, () =>
		listVolumes(store)
			.filter(volume => volume.users.length === 0 && accepts(volume))
			.map(({ name }) => name),
	);
}

/** Volumes go out of sight at once, while no container can begin to use them; their files take longer. */
function removeWhere(
	store: Store,
	choose: (users: ReadonlyMap<string, readonly string[]>) => readonly VolumeName[],
): Promise<PrunedVolumes> {
	return withWorkspace(store, async ({ store: { tmp } }) => {
		const names = await withLock(store, { name: VOLUMES_LOCK, kind: 'exclusive' }, () =>
			choose(volumeUsers(store)).filter(name => moveAway(volumeDirectory(store, name), join(tmp, name))),
		);
		const counter = new UsageCounter();
		const bytes = names.reduce((sum, name) => sum + counter.count(join(tmp, name)), 0);
		for (const name of names) removeContainerTree(join(tmp, name));
		return { names, bytes };
	});
}

/** @returns false where the end of a container has taken it away */
function moveAway(from: string, to: string): boolean {
	try {
		renameSync(from, to);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
		throw error;
	}
}

const shortId = (id: string): string => id.slice(0, 12);
