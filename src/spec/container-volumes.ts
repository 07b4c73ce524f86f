import { TsrunError } from '../core/errors.ts';
import { normalPath } from '../core/paths.ts';
import type { ImageExecution } from '../oci/image-spec.ts';
import type { MountRequest, RunOptions } from './run-options.ts';

export type VolumeRequest = Extract<MountRequest, { kind: 'volume' }>;

/**
 * The volumes of a container: at the image's Volumes that no mount of the flags covers, and what the flags ask for. One without a
 * name is anonymous.
 * @throws TsrunError TSRUN_BAD_IMAGE when the image wants its root to be a volume
 */
export function containerVolumes(
	image: Pick<ImageExecution, 'volumes'>,
	options: Pick<RunOptions, 'mounts'>,
): readonly VolumeRequest[] {
	const taken = new Set(options.mounts.map(({ destination }) => destination));
	const ofImage = [...new Set(image.volumes.map(volumeDestination))]
		.filter(destination => !taken.has(destination))
		.map((destination): VolumeRequest => ({ kind: 'volume', destination }));
	return [...ofImage, ...options.mounts.filter(mount => mount.kind === 'volume')];
}

function volumeDestination(path: string): string {
	const clean = normalPath(`/${path}`);
	if (clean === '/') {
		throw new TsrunError('TSRUN_BAD_IMAGE', `the image's volume ${JSON.stringify(path)} would cover the root`);
	}
	return clean;
}
