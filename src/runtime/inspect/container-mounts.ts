import type { Mount } from '../../oci/runtime-spec.ts';
import type { VolumeUse } from '../claim-volumes.ts';

export interface MountPoint {
	readonly Type: 'bind' | 'volume';
	readonly Name?: string;
	readonly Source: string;
	readonly Destination: string;
	readonly Driver?: 'local';
	readonly Mode: string;
	readonly RW: boolean;
	readonly Propagation: string;
}

const PROPAGATION = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** `.Mounts` of `docker inspect`: what of the host is in the container. @param own directory whose files are the container's own */
export function containerMounts(
	mounts: readonly Mount[],
	{ own, volumes }: { readonly own: string; readonly volumes: readonly VolumeUse[] },
): readonly MountPoint[] {
	return mounts
		.filter(({ type, options = [] }) => type === 'bind' || options.includes('bind') || options.includes('rbind'))
		.filter(({ source = '' }) => !source.startsWith(`${own}/`))
		.map(({ source = '', destination, options = [] }): MountPoint => {
			const volume = volumes.find(each => each.destination === destination);
			return {
				...(volume === undefined ? { Type: 'bind' } : { Type: 'volume', Name: volume.name }),
				Source: source,
				Destination: destination,
				...(volume === undefined ? {} : { Driver: 'local' }),
				Mode: options.includes('ro') ? 'ro' : '',
				RW: !options.includes('ro'),
				Propagation: options.find(option => PROPAGATION.includes(option)) ?? '',
			};
		});
}

/** As `-v` was given: `source:destination[:ro]`. */
export const bindText = ({ Type, Name, Source, Destination, RW }: MountPoint): string =>
	`${Type === 'volume' ? (Name ?? Source) : Source}:${Destination}${RW ? '' : ':ro'}`;
