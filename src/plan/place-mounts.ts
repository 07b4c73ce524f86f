import { TsrunError } from '../core/errors.ts';
import { reachableMount } from '../oci/kernel-mount.ts';
import { mountPlace, placeProblem } from '../oci/mount-place.ts';
import type { RuntimeSpec, SpecNamespaceType } from '../oci/runtime-spec.ts';

/**
 * The specification with every destination as a path from the root of the container, and with mounts of the host where the kernel
 * would not make a new one.
 * @param rootfs where the root file system is on the host: destinations may begin with it
 * @throws TsrunError TSRUN_BAD_CONFIG for one that may not be covered
 */
export function placeMounts(spec: RuntimeSpec, rootfs: string): RuntimeSpec {
	if (spec.mounts === undefined) return spec;
	const isNew = (type: SpecNamespaceType): boolean =>
		(spec.linux?.namespaces ?? []).some(each => each.type === type && each.path === undefined);
	const mounts = spec.mounts.map((mount, index) => {
		const placed = { ...mount, destination: mountPlace(mount.destination, rootfs) };
		const problem = placeProblem(placed);
		if (problem === undefined) return reachableMount(placed, isNew);
		throw new TsrunError(
			'TSRUN_BAD_CONFIG',
			`config.json /mounts/${index}/destination: ${placed.destination} ${problem}`,
		);
	});
	return { ...spec, mounts };
}
