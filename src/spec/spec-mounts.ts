import type { Mount } from '../oci/runtime-spec.ts';
import { containerVolumes } from './container-volumes.ts';
import { defaultMounts } from './default-mounts.ts';
import type { MountRequest } from './run-options.ts';
import type { SpecInput } from './spec-input.ts';

type BindRequest = Extract<MountRequest, { kind: 'bind' }>;
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

function requestedMounts({ options, host }: SpecInput): Mount[] {
	return options.mounts.flatMap(request => {
		if (request.kind === 'volume') return [];
		return [request.kind === 'bind' ? bindMount(request, host.syscalls.mountSetattr) : tmpfsMount(request)];
	});
}

function tmpfsMount({ destination, options }: TmpfsRequest): Mount {
	return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

function bindMount({ source, destination, readonly, propagation, recursive }: BindRequest, canRecurse: boolean): Mount {
	const isDeep = recursive === 'readonly' || (recursive === 'enabled' && canRecurse);
	const readonlyOptions = readonly ? ['ro', ...(isDeep ? ['rro'] : [])] : [];
	const bind = recursive === 'disabled' ? 'bind' : 'rbind';
	return { destination, type: 'bind', source, options: [bind, ...readonlyOptions, propagation] };
}

/** The root's propagation: a mount is shared, or receives, only below a root that does (mount_namespaces(7)). */
export function rootfsPropagation({ options }: SpecInput): string | undefined {
	const used = options.mounts.flatMap(mount => (mount.kind === 'bind' ? [mount.propagation] : []));
	if (used.some(propagation => propagation.endsWith('shared'))) return 'shared';
	return used.some(propagation => propagation.endsWith('slave')) ? 'rslave' : undefined;
}
