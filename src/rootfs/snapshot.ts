import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { ContainerId } from '../core/brands.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerFs } from './layer-fs.ts';

/** The directories of one container's overlay mount. */
export interface Snapshot {
	/** Top first, relative to the directory of layers: the form that fits into one page of mount options. */
	readonly lowerdirs: readonly string[];
	readonly upper: string;
	readonly work: string;
	readonly merged: string;
}

export interface SnapshotInputs {
	/** Parent of the container's directory. */
	readonly containers: string;
	/** Directories of the image's layers, bottom first. */
	readonly layerDirs: readonly string[];
	/** Of the image's root directory; an overlay takes them from its uppermost directory. */
	readonly root?: Metadata | undefined;
}

const DEFAULT_ROOT: Metadata = { mode: 0o755, uid: 0, gid: 0, mtimeSec: 0, mtimeNsec: 0, xattrs: [] };

/** Makes the directories of a container. @throws Error EEXIST when the id is taken */
export function createSnapshot(
	id: ContainerId,
	{ containers, layerDirs, root = DEFAULT_ROOT }: SnapshotInputs,
): Snapshot {
	const directory = `${containers}/${id}`;
	mkdirSync(directory, { mode: 0o700 });
	const [upper, work, merged] = ['upper', 'work', 'merged'].map(name => `${directory}/${name}`) as [
		string,
		string,
		string,
	];
	for (const path of [upper, work, merged]) mkdirSync(path, { mode: 0o755 });
	const fs = new LayerFs(directory);
	try {
		fs.setMetadata({ parent: '', name: 'upper' }, root);
	} finally {
		fs.close();
	}
	return { lowerdirs: layerDirs.map(path => basename(path)).reverse(), upper, work, merged };
}
