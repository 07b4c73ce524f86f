import type { VolumeName } from '../../core/volume-name.ts';
import type { Store } from '../../store/open-store.ts';
import { readVolume, type VolumeRecord, volumeData, volumeNames } from '../../store/volume-record.ts';
import { volumeUsers } from './volume-users.ts';

export interface StoredVolume extends VolumeRecord {
	/** Host directory of its files. */
	readonly mountpoint: string;
	/** Ids of containers. */
	readonly users: readonly string[];
}

/** All volumes, by name. One whose record is damaged is there as well, without labels. */
export function listVolumes(store: Store): readonly StoredVolume[] {
	const users = volumeUsers(store);
	return volumeNames(store).flatMap(name => {
		const record = recordOrBare(store, name);
		return record === undefined
			? []
			: [{ ...record, mountpoint: volumeData(store, name), users: users.get(name) ?? [] }];
	});
}

function recordOrBare(store: Store, name: VolumeName): VolumeRecord | undefined {
	try {
		return readVolume(store, name);
	} catch {
		return { version: 1, name, created: 0, labels: {}, options: {} };
	}
}
