import { closeSync, fstatSync, openSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { parseVolumeName, type VolumeName } from '../core/volume-name.ts';
import { O_CLOEXEC, O_DIRECTORY, O_PATH, openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../native/syscalls.ts';
import type { VolumeRequest } from '../spec/container-volumes.ts';
import { boundVolume } from '../spec/volume-options.ts';
import type { Store } from '../store/open-store.ts';
import { readVolume, volumeData, volumeDirectory } from '../store/volume-record.ts';
import { newContainerId } from './new-container-id.ts';

const INSIDE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/** A volume of a container that is not there yet. */
export interface PlannedVolume extends Omit<VolumeRequest, 'name' | 'kind'> {
	readonly name: VolumeName;
	readonly isAnonymous: boolean;
	/** Host directory that the container sees. */
	readonly path: string;
	readonly readonly: boolean;
	/** It shows a directory of the host, and nothing is copied there. */
	readonly isBound: boolean;
	/** Of a path inside of it: the directory of the volume, and what is there. */
	readonly within?: { readonly base: string; readonly kind: 'file' | 'directory' };
	/** Of an anonymous one that ends with the container: it lies in the container's directory, and a link leads there. */
	readonly link?: { readonly path: string; readonly target: string };
}

export interface VolumePlaces {
	readonly store: Store;
	/** The container's own directory. */
	readonly directory: string;
	/** Whether the container is removed when it ends. */
	readonly remove: boolean;
}

/**
 * Which volumes a container will have, and where. Reads; makes nothing.
 * @throws TsrunError TSRUN_BAD_VOLUME
 */
export function planVolumes(requests: readonly VolumeRequest[], places: VolumePlaces): readonly PlannedVolume[] {
	return requests.map(({ kind: _, ...request }) => {
		const { name } = request;
		return atSubpath(name === undefined ? anonymous(request, places) : named({ ...request, name }, places));
	});
}

/** Looks whether it is there, and what it is; it is found again, in the same way, at the moment of the mount. */
function atSubpath(volume: PlannedVolume): PlannedVolume {
	const { subpath, path: base, name } = volume;
	if (subpath === undefined) return volume;
	const inside = lookInside(base, subpath);
	if (inside === undefined) {
		throw new TsrunError('TSRUN_NO_SUBPATH', `volume ${name} has no ${subpath} (--mount volume-subpath)`, {
			hint: 'make it first: a subpath is never made',
		});
	}
	return { ...volume, path: join(base, subpath), within: { base, kind: inside } };
}

function lookInside(base: string, subpath: string): 'file' | 'directory' | undefined {
	try {
		const directory = openSync(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
		try {
			const fd = openat2(directory, subpath, { flags: O_PATH | O_CLOEXEC, resolve: INSIDE });
			try {
				return fstatSync(fd).isDirectory() ? 'directory' : 'file';
			} finally {
				closeSync(fd);
			}
		} finally {
			closeSync(directory);
		}
	} catch (error) {
		if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}

type Request = Omit<VolumeRequest, 'kind'>;

/** Removed by the machine at the end, which knows no other volumes: then everything of it is in the container's directory. */
function anonymous(request: Request, { store, directory, remove }: VolumePlaces): PlannedVolume {
	const name = newVolumeName();
	const own = {
		...request,
		name,
		isAnonymous: true,
		readonly: request.readonly === true,
	};
	const bound = boundVolume('--mount volume-opt', request.options ?? {});
	if (bound !== undefined) return { ...own, path: bound.device, isBound: true };
	if (!remove) return { ...own, path: volumeData(store, name), isBound: false };
	const inside = `volumes/${name}`;
	const target = `../containers/${directory.slice(directory.lastIndexOf('/') + 1)}/${inside}`;
	return {
		...own,
		path: join(directory, inside, '_data'),
		isBound: false,
		link: { path: volumeDirectory(store, name), target },
	};
}

function named(request: Request & { readonly name: VolumeName }, { store }: VolumePlaces): PlannedVolume {
	const record = readVolume(store, request.name);
	const bound = boundVolume('--mount volume-opt', record?.options ?? request.options ?? {});
	return {
		...request,
		isAnonymous: false,
		path: bound?.device ?? volumeData(store, request.name),
		readonly: request.readonly === true || bound?.options.includes('ro') === true,
		isBound: bound !== undefined,
	};
}

/** 64 hex digits, as docker's anonymous volumes have. */
export const newVolumeName = (): VolumeName => parseVolumeName(newContainerId());
