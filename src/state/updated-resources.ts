import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../core/brands.ts';
import { containerStateDir, type StateDirectory } from './state-directory.ts';

const NAME = 'resources.json';

/** `linux.resources` as the last `update` left it; undefined where there was none. */
export function readUpdatedResources(directory: StateDirectory, id: ContainerId): unknown {
	try {
		return JSON.parse(readFileSync(join(containerStateDir(directory, id), NAME), 'utf8'));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

export function writeUpdatedResources(directory: StateDirectory, id: ContainerId, resources: object): void {
	const path = join(containerStateDir(directory, id), NAME);
	writeFileSync(`${path}.new`, JSON.stringify(resources), { mode: 0o600 });
	renameSync(`${path}.new`, path);
}
