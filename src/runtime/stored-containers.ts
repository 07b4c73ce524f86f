import { existsSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ContainerId, isContainerId, parseContainerId } from '../core/brands.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	type StateDirectory,
} from '../state/state-directory.ts';
import type { Store } from '../store/open-store.ts';

/** Leads from a container's directory to its state, so that the store knows its containers whatever `--root` they were made with. */
export const STATE_LINK = 'state';

export function linkState(directory: string, state: StateDirectory, id: ContainerId): void {
	symlinkSync(containerStateDir(state, id), join(directory, STATE_LINK));
}

export interface StoredContainer {
	readonly id: ContainerId;
	readonly record: ContainerRecord;
	readonly state: StateDirectory;
}

export interface StoredContainers {
	readonly containers: readonly StoredContainer[];
	/** Names of directories that no state belongs to (any more): of before a reboot, of a killed removal. */
	readonly orphans: readonly string[];
}

/** The containers whose file systems are in the store. */
export function readStoredContainers(store: Store): StoredContainers {
	const names = readdirSync(store.containers);
	const containers = names.flatMap(name => readOne(store, name) ?? []);
	const known = new Set<string>(containers.map(({ id }) => id));
	return { containers, orphans: names.filter(name => !known.has(name) && !hasState(store, name)) };
}

function readOne(store: Store, name: string): StoredContainer | undefined {
	const target = stateOf(store, name);
	if (target === undefined || !isContainerId(name)) return undefined;
	const id = parseContainerId(name);
	const state = { root: dirname(target) };
	const record = readContainer(state, id);
	return record === undefined ? undefined : { id, record, state };
}

/** A container that is being made or removed has a state directory, and no state that can be read. */
function hasState(store: Store, name: string): boolean {
	const target = stateOf(store, name);
	return target !== undefined && existsSync(target);
}

function stateOf(store: Store, name: string): string | undefined {
	try {
		return readlinkSync(join(store.containers, name, STATE_LINK));
	} catch {
		return undefined;
	}
}
