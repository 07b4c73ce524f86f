import { isAbsolute } from 'node:path/posix';
import type { IdMapping, RuntimeSpec, SpecNamespaceType } from '../../oci/runtime-spec.ts';
import { sysctlPath } from '../../oci/sysctl-path.ts';
import { sysctlProblem } from '../sysctl-problem.ts';
import { badConfig, pointerPart, shortly } from './bad-config.ts';

/** Whether the container gets a namespace of a type for itself. */
export function isNew(spec: RuntimeSpec, type: SpecNamespaceType): boolean {
	return (spec.linux?.namespaces ?? []).some(namespace => namespace.type === type && namespace.path === undefined);
}

/** Whether the container is in a namespace of a type that is not the runtime's: a new one, or one that it joins. */
function isOther(spec: RuntimeSpec, type: SpecNamespaceType): boolean {
	return (spec.linux?.namespaces ?? []).some(namespace => namespace.type === type);
}

export function checkNamespaces(spec: RuntimeSpec): void {
	const seen = new Set<string>();
	for (const [index, { type, path }] of (spec.linux?.namespaces ?? []).entries()) {
		const pointer = `/linux/namespaces/${index}`;
		if (seen.has(type)) throw badConfig(`${pointer}/type`, `the ${type} namespace is listed twice`);
		seen.add(type);
		if (path !== undefined && !isAbsolute(path)) throw badConfig(`${pointer}/path`, `${shortly(path)} is not absolute`);
	}
	if (!seen.has('mount')) checkHostMounts(spec, seen);
}

/** Without a mount namespace the mounts are made on the host, below the root: nothing else of the host may be covered by them. */
function checkHostMounts({ linux }: RuntimeSpec, seen: ReadonlySet<string>): void {
	for (const field of ['maskedPaths', 'readonlyPaths'] as const) {
		if ((linux?.[field] ?? []).length > 0)
			throw badConfig(`/linux/${field}`, 'needs a mount namespace, and /linux/namespaces has none');
	}
	if (seen.has('user'))
		throw badConfig('/linux/namespaces', 'has a user namespace and no mount namespace, so nothing can be mounted');
}

export function checkNames(spec: RuntimeSpec): void {
	for (const field of ['hostname', 'domainname'] as const) {
		const name = spec[field];
		if (name === undefined || name === '') continue;
		if (Buffer.byteLength(name) > 64) throw badConfig(`/${field}`, 'is longer than 64 bytes');
		if (!isOther(spec, 'uts')) throw badConfig(`/${field}`, 'needs a uts namespace, and /linux/namespaces has none');
	}
}

export function checkMappings(spec: RuntimeSpec): void {
	for (const kind of ['uid', 'gid'] as const) {
		const pointer = `/linux/${kind}Mappings`;
		const mappings = spec.linux?.[`${kind}Mappings`] ?? [];
		if (mappings.length > 0 && !isOther(spec, 'user')) {
			throw badConfig(pointer, 'needs a user namespace, and /linux/namespaces has none');
		}
		if (mappings.length === 0 && isNew(spec, 'user'))
			throw badConfig(pointer, 'is empty, so the user namespace has no ids');
		checkOverlap(mappings, pointer);
		if (mappings.length > 0) checkUserIsMapped(spec, kind, mappings);
	}
}

/** The kernel refuses overlapping lines with no more than EINVAL (user_namespaces(7)). */
export function checkOverlap(mappings: readonly IdMapping[], pointer: string): void {
	for (const side of ['containerID', 'hostID'] as const) {
		const sorted = [...mappings].sort((a, b) => a[side] - b[side]);
		for (const [index, mapping] of sorted.entries()) {
			const end = mapping[side] + mapping.size;
			const place = `${pointer}/${mappings.indexOf(mapping)}`;
			if (end > 2 ** 32 - 1) throw badConfig(place, `goes beyond the last id, ${2 ** 32 - 2}`);
			const next = sorted[index + 1];
			if (next !== undefined && next[side] < end)
				throw badConfig(place, `overlaps another mapping from ${next[side]} on`);
		}
	}
}

function checkUserIsMapped(spec: RuntimeSpec, kind: 'uid' | 'gid', mappings: readonly IdMapping[]): void {
	const user = spec.process?.user;
	if (user === undefined) return;
	const isMapped = (id: number): boolean =>
		mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size);
	const ids = [
		[`/process/user/${kind}`, user[kind]] as const,
		...(kind === 'gid' ? (user.additionalGids ?? []) : []).map(
			(gid, index) => [`/process/user/additionalGids/${index}`, gid] as const,
		),
	];
	for (const [pointer, id] of ids) {
		if (!isMapped(id)) throw badConfig(pointer, `${id} is in no line of /linux/${kind}Mappings`);
	}
}

export function checkSysctls(spec: RuntimeSpec): void {
	for (const [key, value] of Object.entries(spec.linux?.sysctl ?? {})) {
		const problem = sysctlProblem(key, value, type => isOther(spec, type));
		if (problem === undefined) continue;
		const hint = sysctlPath(key) === 'kernel/hostname' ? 'set /hostname instead' : undefined;
		throw badConfig(`/linux/sysctl${pointerPart(key)}`, `${shortly(key)} ${problem}`, hint);
	}
}

export function checkTimeOffsets(spec: RuntimeSpec): void {
	const clocks = Object.keys(spec.linux?.timeOffsets ?? {});
	for (const clock of clocks) {
		if (clock !== 'monotonic' && clock !== 'boottime') {
			throw badConfig(`/linux/timeOffsets${pointerPart(clock)}`, 'is no clock of a time namespace');
		}
	}
	if (clocks.length > 0 && !isNew(spec, 'time')) {
		throw badConfig('/linux/timeOffsets', "needs a time namespace of the container's own");
	}
}
