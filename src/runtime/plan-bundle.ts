import { basename, resolve } from 'node:path';
import { isContainerId, parseContainerId } from '../core/brands.ts';
import type { Plan } from '../plan/step.ts';
import { prepareBundle } from './oci/prepare-bundle.ts';

/**
 * The plan of an OCI bundle (runtime-spec bundle.md), as root would run it in the foreground under the name of its directory.
 * @throws TsrunError naming the file, or the JSON pointer in it
 */
export function planBundle(bundle: string): Plan {
	const name = basename(resolve(bundle));
	return prepareBundle({
		id: parseContainerId(isContainerId(name) ? name : 'bundle'),
		bundle,
		options: { life: 'supervised', noPivot: false, newKeyring: true, preserveFds: 0, keep: true },
		stateDir: '/run/tsrun',
		asRoot: true,
	}).plan;
}
