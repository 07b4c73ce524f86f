import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { LayerStack } from '../rootfs/layer-stack.ts';
import type { IdMaps } from '../rootfs/mapped-ids.ts';
import { type StackChange, stackChanges } from '../rootfs/stack-changes.ts';
import { findContainer } from '../state/find-container.ts';
import type { ContainerRecord } from '../state/state-directory.ts';
import { readContainer } from '../state/state-directory.ts';
import type { Store } from '../store/open-store.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { readResolved } from './resolved-image.ts';

export interface ContainerLayers {
	readonly store: Store;
	readonly record: ContainerRecord;
	/** What the container wrote, and below it the layers of its image, top first. */
	readonly layers: readonly string[];
	/** With a user namespace: whose ids the first of them has. */
	readonly upperIds: IdMaps | undefined;
}

/** The file system that a container of an image sees, without its mounts; the caller closes it. */
export function openContainerStack({ layers, upperIds }: ContainerLayers): LayerStack {
	return new LayerStack(layers, upperIds);
}

/**
 * Where the file system of a container of an image is.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_NO_IMAGE
 */
export function findContainerLayers(
	roots: { readonly data: string; readonly state: string },
	container: string,
): ContainerLayers {
	const { store, state } = openContainerRoots(roots);
	const record = readContainer(state, findContainer(state, container));
	if (record === undefined) {
		throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${container}`, {
			hint: 'tsrun ps -a lists all',
		});
	}
	if (record.state.bundle !== undefined) {
		throw new TsrunError('TSRUN_NO_IMAGE', `container ${container} is of a bundle, and not of an image`, {
			hint: `its file system is ${record.state.bundle.rootfs}`,
		});
	}
	const image = readResolved(store, parseDigest(record.state.imageDigest));
	if (image === undefined) {
		throw new TsrunError('TSRUN_NO_IMAGE', `the image of container ${container} is not in the store any more`);
	}
	const layers = image.layers.map(name => join(store.layers, name)).reverse();
	const upperIds = readUpperIds(record);
	return { store, record, layers: [join(record.state.directory, 'upper'), ...layers], upperIds };
}

/**
 * What a container has changed in the file system of its image. The empty files and directories that tsrun makes for its mounts
 * are no change of the container's.
 */
export function containerChanges({ record, layers, upperIds }: ContainerLayers): readonly StackChange[] {
	const changes = stackChanges(layers, upperIds);
	const places = mountPlaces(record);
	const isOnlyPlace = ({ path, kind }: StackChange): boolean =>
		kind === 'A' &&
		places.has(path) &&
		!changes.some(other => other.path.startsWith(`${path}/`) && !places.has(other.path));
	const kept = changes.filter(change => !isOnlyPlace(change));
	// a directory that is changed only because of them is not
	return kept.filter(change => change.kind !== 'C' || !isOnlyParent(change, { changes, kept }));
}

function isOnlyParent(
	change: StackChange,
	{ changes, kept }: { readonly changes: readonly StackChange[]; readonly kept: readonly StackChange[] },
): boolean {
	const isInside = ({ path }: StackChange): boolean => path.startsWith(`${change.path}/`);
	return changes.some(isInside) && !kept.some(other => other !== change && isInside(other));
}

/** Every place of a mount, and the directories that lead there. */
function mountPlaces({ state }: ContainerRecord): ReadonlySet<string> {
	const { mounts = [] } = readSpec(state);
	const places = new Set<string>();
	for (const { destination } of mounts) {
		for (let path = destination; path !== '/' && path !== '.'; path = dirname(path)) places.add(path.slice(1));
	}
	return places;
}

/** The layers of the image are mounted with their ids mapped; what the container writes has ids of the host. */
function readUpperIds({ state }: ContainerRecord): IdMaps | undefined {
	const { uidMappings, gidMappings } = readSpec(state).linux ?? {};
	if (uidMappings === undefined || gidMappings === undefined) return undefined;
	return { uids: uidMappings, gids: gidMappings };
}

function readSpec({ directory }: ContainerRecord['state']): RuntimeSpec {
	return JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as RuntimeSpec;
}
