import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { isVolumeName, type VolumeName } from '../core/volume-name.ts';
import type { Store } from './open-store.ts';

/** Marks an anonymous volume, as docker does, so that its tools and filters know one. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';

/** Held shared by who begins to use volumes, exclusive by who removes some. */
export const VOLUMES_LOCK = 'volumes';

/** What a volume's `volume.json` holds. */
export interface VolumeRecord {
	readonly version: 1;
	readonly name: VolumeName;
	/** Milliseconds since the epoch. */
	readonly created: number;
	readonly labels: Readonly<Record<string, string>>;
	/** As they were given: `type`, `o`, `device`. */
	readonly options: Readonly<Record<string, string>>;
}

/**
 * Where a volume is: its own directory, in which `_data` is what containers see. Of a container with `--rm`, an anonymous one
 * lies in the container's directory, and here is a link to it.
 */
export const volumeDirectory = (store: Store, name: VolumeName): string => join(store.volumes, name);

export const volumeData = (store: Store, name: VolumeName): string => join(store.volumes, name, '_data');

/**
 * Undefined where there is no such volume.
 * @throws TsrunError TSRUN_BAD_VOLUME where its record cannot be read
 */
export function readVolume(store: Store, name: VolumeName): VolumeRecord | undefined {
	const directory = volumeDirectory(store, name);
	let text: string;
	try {
		text = readFileSync(join(directory, 'volume.json'), 'utf8');
	} catch (cause) {
		// a link whose container is gone is none, a directory without a record is a damaged one
		if (!existsSync(directory)) return undefined;
		throw badVolume(name, cause);
	}
	try {
		const { created, labels, options } = JSON.parse(text) as VolumeRecord;
		if (!(Number.isFinite(created) && isTextMap(labels) && isTextMap(options))) throw new Error('not a record');
		return { version: 1, name, created, labels, options };
	} catch (cause) {
		throw badVolume(name, cause);
	}
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
	return typeof value === 'object' && value !== null && Object.values(value).every(each => typeof each === 'string');
}

function badVolume(name: VolumeName, cause: unknown): TsrunError {
	return new TsrunError('TSRUN_BAD_VOLUME', `the record of volume ${name} cannot be read`, {
		hint: 'its files are in _data beside volume.json; volume rm removes both',
		exitCode: 1,
		cause,
	});
}

/** Every name that something is at, sorted; a link may lead to nothing. */
export function volumeNames(store: Store): readonly VolumeName[] {
	return readOrNothing(store.volumes).filter(isVolumeName).sort();
}

/** Links whose container, and with it their volume, is gone. */
export function danglingLinks(store: Store): readonly VolumeName[] {
	return volumeNames(store).filter(name => {
		const path = volumeDirectory(store, name);
		return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path);
	});
}

function readOrNothing(directory: string): readonly string[] {
	try {
		return readdirSync(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
