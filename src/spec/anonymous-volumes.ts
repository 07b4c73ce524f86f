import { TsrunError } from '../core/errors.ts';
import { normalPath } from '../core/paths.ts';
import type { ImageExecution } from '../oci/image-spec.ts';
import type { RunOptions } from './run-options.ts';

/**
 * Where the container has anonymous volumes: at the image's Volumes that no mount of the flags covers, and where the flags ask for one.
 * @throws TsrunError TSRUN_BAD_IMAGE when the image wants its root to be a volume
 */
export function anonymousVolumes(image: Pick<ImageExecution, 'volumes'>, options: RunOptions): readonly string[] {
	const taken = new Set(options.mounts.map(({ destination }) => destination));
	const ofImage = image.volumes.map(volumeDestination).filter(destination => !taken.has(destination));
	const ofFlags = options.mounts.filter(({ kind }) => kind === 'volume').map(({ destination }) => destination);
	return [...new Set([...ofImage, ...ofFlags])];
}

function volumeDestination(path: string): string {
	const clean = normalPath(`/${path}`);
	if (clean === '/') {
		throw new TsrunError('TSRUN_BAD_IMAGE', `the image's volume ${JSON.stringify(path)} would cover the root`);
	}
	return clean;
}
