import { join } from '../core/paths.ts';
import { parseVolumeName, type VolumeName } from '../core/volume-name.ts';
import type { VolumeRequest } from '../spec/container-volumes.ts';
import { boundVolume } from '../spec/volume-options.ts';
import type { Store } from '../store/open-store.ts';
import { readVolume, volumeData, volumeDirectory } from '../store/volume-record.ts';
import { newContainerId } from './new-container-id.ts';

/** A volume of a container that is not there yet. */
export interface PlannedVolume extends Omit<VolumeRequest, 'name' | 'kind'> {
	readonly name: VolumeName;
	readonly isAnonymous: boolean;
	/** Host directory that the container sees. */
	readonly path: string;
	readonly readonly: boolean;
	/** It shows a directory of the host, and nothing is copied there. */
	readonly isBound: boolean;
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
	return requests.map(({ kind: _, ...request }) =>
		request.name === undefined ? anonymous(request, places) : named({ ...request, name: request.name }, places),
	);
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
