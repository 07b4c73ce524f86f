import { join } from '../core/paths.ts';
import type { Mount } from '../oci/runtime-spec.ts';
import { containerVolumes } from './container-volumes.ts';
import { defaultMounts } from './default-mounts.ts';
import type { MountRequest } from './run-options.ts';
import type { SpecInput } from './spec-input.ts';

type BindRequest = Extract<MountRequest, { kind: 'bind' }>;
type OverlayRequest = Extract<MountRequest, { kind: 'overlay' }>;
type TmpfsRequest = Extract<MountRequest, { kind: 'tmpfs' }>;

/**
 * All mounts in the order they are made: the defaults that nothing of the user's replaces, then the container's own files, volumes and the
 * user's mounts, those of fewer path parts first, so that none hides another.
 */
export function specMounts(input: SpecInput): readonly Mount[] {
	const mounts = [...fileMounts(input), ...volumeMounts(input), ...requestedMounts(input)];
	const taken = new Set(mounts.map(({ destination }) => destination));
	const defaults = defaultMounts(input).filter(
		({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')),
	);
	return [...defaults, ...mounts.sort((a, b) => depthOf(a) - depthOf(b))];
}

function depthOf({ destination }: Mount): number {
	return destination.split('/').length;
}

function fileMounts({ options, files }: SpecInput): Mount[] {
	const replaced = new Set(options.mounts.map(({ destination }) => destination));
	return [
		['/etc/resolv.conf', files.resolvConf] as const,
		['/etc/hostname', files.hostname] as const,
		['/etc/hosts', files.hosts] as const,
	]
		.filter(([destination]) => !replaced.has(destination))
		.map(([destination, source]) => ({
			destination,
			type: 'bind',
			source,
			options: ['rbind', ...(options.readOnly ? ['ro'] : []), 'rprivate'],
		}));
}

/** In a user namespace with mapped ids: what root of a container writes is root's for every container, and on the host. */
function volumeMounts({ image, options, volumes, idRange }: SpecInput): Mount[] {
	return containerVolumes(image, options).map(({ destination, readonly = false }) => {
		const volume = Object.hasOwn(volumes, destination) ? volumes[destination] : undefined;
		if (volume === undefined) throw new Error(`no directory for the volume at ${destination}`);
		const isReadonly = readonly || volume.readonly;
		return {
			destination,
			type: 'bind',
			source: volume.path,
			options: ['rbind', ...(isReadonly ? ['ro'] : []), ...(idRange === undefined ? [] : ['idmap']), 'rprivate'],
		};
	});
}

function requestedMounts(input: SpecInput): Mount[] {
	return input.options.mounts.flatMap(request => requestedMount(request, input) ?? []);
}

/** Undefined for a volume, which {@link volumeMounts} has. */
function requestedMount(request: MountRequest, { options, host, overlays }: SpecInput): Mount | undefined {
	switch (request.kind) {
		case 'volume':
			return undefined;
		case 'bind':
			return bindMount(request, host.syscalls.mountSetattr);
		case 'tmpfs':
			return tmpfsMount(request);
		case 'overlay':
			return overlayMount(request, overlayPlace(overlays, options.mounts, request.destination));
	}
}

export interface OverlayPlace {
	readonly upper: string;
	readonly work: string;
}

/** Where an overlay mount keeps what is written: directories by the number of the mount, whatever its destination is called. */
export function overlayPlace(overlays: string, mounts: readonly MountRequest[], destination: string): OverlayPlace {
	const place = join(overlays, String(mounts.findIndex(mount => mount.destination === destination)));
	return { upper: join(place, 'upper'), work: join(place, 'work') };
}

function overlayMount({ source, destination }: OverlayRequest, { upper, work }: OverlayPlace): Mount {
	const options = [`lowerdir=${source}`, `upperdir=${upper}`, `workdir=${work}`, 'rprivate'];
	return { destination, type: 'overlay', source: 'overlay', options };
}

function tmpfsMount({ destination, options }: TmpfsRequest): Mount {
	return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

function bindMount(request: BindRequest, canRecurse: boolean): Mount {
	const { source, destination, readonly, propagation, recursive, idMap } = request;
	const isDeep = recursive === 'readonly' || (recursive === 'enabled' && canRecurse);
	const readonlyOptions = readonly ? ['ro', ...(isDeep ? ['rro'] : [])] : [];
	const bind = recursive === 'disabled' ? 'bind' : 'rbind';
	const idOptions = idMap === undefined ? [] : ['idmap'];
	return {
		destination,
		type: 'bind',
		source,
		options: [bind, ...readonlyOptions, ...idOptions, propagation],
		...(typeof idMap === 'object' ? { uidMappings: idMap.uids, gidMappings: idMap.gids } : {}),
	};
}

/** The root's propagation: a mount is shared, or receives, only below a root that does (mount_namespaces(7)). */
export function rootfsPropagation({ options }: SpecInput): string | undefined {
	const used = options.mounts.flatMap(mount => (mount.kind === 'bind' ? [mount.propagation] : []));
	if (used.some(propagation => propagation.endsWith('shared'))) return 'shared';
	return used.some(propagation => propagation.endsWith('slave')) ? 'rslave' : undefined;
}
