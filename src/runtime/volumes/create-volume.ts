import { TsrunError } from '../../core/errors.ts';
import type { VolumeName } from '../../core/volume-name.ts';
import { boundVolume, type VolumeOptions } from '../../spec/volume-options.ts';
import type { Store } from '../../store/open-store.ts';
import { readVolume, VOLUMES_LOCK } from '../../store/volume-record.ts';
import { withLock } from '../../store/with-lock.ts';
import { newVolumeName } from '../plan-volumes.ts';
import { makeVolume } from './make-volume.ts';

export interface VolumeCreation {
	/** Absent: a new name, and the volume is anonymous. */
	readonly name?: VolumeName;
	readonly labels: Readonly<Record<string, string>>;
	readonly options: VolumeOptions;
}

/**
 * Makes a volume. One that is there already stays as it is, unless it was made otherwise.
 * @throws TsrunError TSRUN_BAD_FLAG, TSRUN_VOLUME_EXISTS
 */
export async function createVolume(store: Store, { name, labels, options }: VolumeCreation): Promise<VolumeName> {
	boundVolume('--opt', options);
	const given = name ?? newVolumeName();
	return withLock(store, { name: VOLUMES_LOCK, kind: 'shared' }, async () => {
		const isNew = await makeVolume(store, { name: given, isAnonymous: name === undefined, labels, options });
		const record = isNew ? undefined : readVolume(store, given);
		if (record !== undefined && Object.keys(options).length > 0 && !isSame(record.options, options)) {
			throw new TsrunError('TSRUN_VOLUME_EXISTS', `volume ${given} is there already, with other options`, {
				hint: `look at it with tsrun volume inspect ${given}, or choose another name`,
				exitCode: 1,
			});
		}
		return given;
	});
}

function isSame(a: VolumeOptions, b: VolumeOptions): boolean {
	const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
	return [...keys].every(key => a[key] === b[key]);
}
