import { hasMappedIds, isBind } from '../../oci/mount-kind.ts';
import { mountPlace, placeProblem } from '../../oci/mount-place.ts';
import type { Mount, RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';
import { checkOverlap } from './check-namespaces.ts';
import { pathProblem } from './path-problem.ts';

export function checkRoot({ root }: RuntimeSpec): void {
	if (root === undefined) throw badConfig('/root', 'is required and missing');
	if (root.path === '') throw badConfig('/root/path', 'is empty');
}

const PATH_MAX = 4096;

export function checkMounts(spec: RuntimeSpec): void {
	for (const [index, mount] of (spec.mounts ?? []).entries()) {
		const pointer = `/mounts/${index}`;
		const problem = destinationProblem(mount);
		if (problem !== undefined) throw badConfig(`${pointer}/destination`, `${shortly(mount.destination)} ${problem}`);
		if (isBind(mount)) {
			if ((mount.source ?? '') === '') throw badConfig(`${pointer}/source`, 'is required for a bind mount and missing');
		} else if ((mount.type ?? '') === '') {
			throw badConfig(`${pointer}/type`, 'is required and missing, as no option says bind');
		}
		checkIdMapping(mount, pointer, spec);
	}
}

/** config.md, "mounts": both mappings or none, and of a bind mount only. */
function checkIdMapping(mount: Mount, pointer: string, spec: RuntimeSpec): void {
	if (!hasMappedIds(mount)) return;
	const { uidMappings = [], gidMappings = [] } = mount;
	if (!isBind(mount)) throw badConfig(pointer, 'maps ids and is no bind mount');
	if (uidMappings.length === 0 && gidMappings.length === 0) {
		if ((spec.linux?.namespaces ?? []).some(({ type }) => type === 'user')) return;
		throw badConfig(`${pointer}/options`, 'idmap needs mappings, or a user namespace to take them from');
	}
	if (uidMappings.length === 0) throw badConfig(`${pointer}/uidMappings`, 'is missing beside gidMappings');
	if (gidMappings.length === 0) throw badConfig(`${pointer}/gidMappings`, 'is missing beside uidMappings');
	checkOverlap(uidMappings, `${pointer}/uidMappings`);
	checkOverlap(gidMappings, `${pointer}/gidMappings`);
}

/** config.md, "mounts": a relative destination is deprecated, and counts from the root. */
function destinationProblem(mount: Mount): string | undefined {
	const { destination } = mount;
	if (destination === '') return 'is empty';
	if (Buffer.byteLength(destination) >= PATH_MAX) return `is longer than ${PATH_MAX - 1} bytes`;
	return placeProblem({ ...mount, destination: mountPlace(destination) });
}

export function checkHiddenPaths(spec: RuntimeSpec): void {
	for (const field of ['maskedPaths', 'readonlyPaths'] as const) {
		for (const [index, path] of (spec.linux?.[field] ?? []).entries()) {
			const problem = pathProblem(path);
			if (problem !== undefined) throw badConfig(`/linux/${field}/${index}`, `${shortly(path)} ${problem}`);
		}
	}
}

export function checkRootfsPropagation(spec: RuntimeSpec): void {
	const word = spec.linux?.rootfsPropagation;
	if (word === undefined || word === '') return;
	if (!/^(r?(shared|slave|private|unbindable))$/.test(word)) {
		throw badConfig('/linux/rootfsPropagation', `${shortly(word)} is no propagation`);
	}
}
