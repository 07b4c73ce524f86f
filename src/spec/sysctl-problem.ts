import type { SpecNamespaceType } from '../oci/runtime-spec.ts';

/** Which namespace holds a kernel parameter (namespaces(7), ipc_namespaces(7)); everything else belongs to the host. */
const NAMESPACED: readonly (readonly [pattern: RegExp, namespace: SpecNamespaceType])[] = [
	[/^kernel\.(msg|shm)[a-z_]+$/, 'ipc'],
	[/^kernel\.sem(_next_id)?$/, 'ipc'],
	[/^fs\.mqueue\./, 'ipc'],
	[/^net\./, 'network'],
	[/^kernel\.domainname$/, 'uts'],
	[/^user\./, 'user'],
];

/**
 * Why a kernel parameter cannot be set for a container, or undefined. The key's alphabet leaves no room for `+`, `=`, newlines, slashes
 * or `..` (CVE-2022-0811), and `isNew` tells whether the container gets its own namespace of a type.
 */
export function sysctlProblem(
	key: string,
	value: string,
	isNew: (namespace: SpecNamespaceType) => boolean,
): string | undefined {
	if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(key)) return 'is not a name like net.ipv4.ip_forward';
	if (/[\n\r\0]/.test(value)) return 'has a value of more than one line';
	if (key === 'kernel.hostname') return 'is the host name, which has a field (and a flag, --hostname) of its own';
	const namespace = NAMESPACED.find(([pattern]) => pattern.test(key))?.[1];
	if (namespace === undefined) return 'belongs to the host, not to a namespace';
	return isNew(namespace) ? undefined : `needs a ${namespace} namespace of the container's own`;
}
