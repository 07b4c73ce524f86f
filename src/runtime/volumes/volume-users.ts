import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../store/open-store.ts';
import { type VolumeUse, volumesFile } from '../claim-volumes.ts';
import { readStoredContainers } from '../stored-containers.ts';

/** The ids of the containers that use each volume, running or not. */
export function volumeUsers(store: Store): ReadonlyMap<string, readonly string[]> {
	const { orphans } = readStoredContainers(store);
	const users = new Map<string, string[]>();
	for (const id of readdirSync(store.containers)) {
		if (orphans.includes(id)) continue;
		for (const { name } of volumeUses(join(store.containers, id))) users.set(name, [...(users.get(name) ?? []), id]);
	}
	return users;
}

/** What a container's directory says; nothing where it says nothing, or is gone. */
export function volumeUses(directory: string): readonly VolumeUse[] {
	try {
		return JSON.parse(readFileSync(volumesFile(directory), 'utf8')) as readonly VolumeUse[];
	} catch (error) {
		if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
