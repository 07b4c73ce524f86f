import type { SpecNamespaceType } from '../oci/runtime-spec.ts';
import { sysctlPath } from '../oci/sysctl-path.ts';

/** Which namespace holds a parameter, by its path (namespaces(7), ipc_namespaces(7)); everything else belongs to the host. */
const NAMESPACED: readonly (readonly [pattern: RegExp, namespace: SpecNamespaceType])[] = [
	[/^kernel\/(msg|shm)[a-z_]+$/, 'ipc'],
	[/^kernel\/sem(_next_id)?$/, 'ipc'],
	[/^fs\/mqueue\//, 'ipc'],
	[/^net\//, 'network'],
	[/^kernel\/domainname$/, 'uts'],
	[/^user\//, 'user'],
];

/**
 * Why a kernel parameter cannot be set for a container, or undefined. The key's alphabet leaves no room for `+`, `=`, newlines or
 * `..` (CVE-2022-0811), and `isNew` tells whether the container gets its own namespace of a type.
 */
export function sysctlProblem(
	key: string,
	value: string,
	isNew: (namespace: SpecNamespaceType) => boolean,
): string | undefined {
	const path = sysctlPath(key);
	if (!/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)+$/.test(path))
		return 'is not a name like net.ipv4.ip_forward';
	if (/[\n\r\0]/.test(value)) return 'has a value of more than one line';
	if (path === 'kernel/hostname') return 'is the host name, which has a field (and a flag, --hostname) of its own';
	const namespace = NAMESPACED.find(([pattern]) => pattern.test(path))?.[1];
	if (namespace === undefined) return 'belongs to the host, not to a namespace';
	return isNew(namespace) ? undefined : `needs a ${namespace} namespace of the container's own`;
}
