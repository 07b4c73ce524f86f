import { basename, resolve } from 'node:path';
import { isContainerId, parseContainerId } from '../core/brands.ts';
import type { NamedPlan } from '../explain/plan-diff.ts';
import { prepareBundle } from './oci/prepare-bundle.ts';

/**
 * The plan of an OCI bundle (runtime-spec bundle.md), as root would run it in the foreground under the name of its directory.
 * @throws TsrunError naming the file, or the JSON pointer in it
 */
export function planBundle(bundle: string): NamedPlan {
	const name = basename(resolve(bundle));
	const id = parseContainerId(isContainerId(name) ? name : 'bundle');
	const { plan } = prepareBundle({
		id,
		bundle,
		options: { life: 'supervised', noPivot: false, newKeyring: true, preserveFds: 0, keep: true },
		stateDir: '/run/tsrun',
		asRoot: true,
	});
	return { plan, id };
}
