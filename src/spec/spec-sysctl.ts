import type { SpecInput } from './spec-input.ts';
import { isNewNamespace } from './spec-namespaces.ts';

/**
 * Docker's parameters of a new network namespace, with the flags' over them: ping without CAP_NET_RAW (not in a user namespace, whose
 * groups the range would have to be mapped for) and ports below 1024 without CAP_NET_BIND_SERVICE.
 */
export function specSysctl(input: SpecInput): Readonly<Record<string, string>> {
	const { options, host } = input;
	const isNetworkNew = isNewNamespace(input, 'network');
	return {
		...(isNetworkNew && options.userns.kind === 'host' ? { 'net.ipv4.ping_group_range': '0 2147483647' } : {}),
		...(isNetworkNew && hasUnprivilegedPortStart(host.kernel) ? { 'net.ipv4.ip_unprivileged_port_start': '0' } : {}),
		...options.sysctl,
	};
}

/** Since Linux 4.11 (ip-sysctl.rst). */
function hasUnprivilegedPortStart({ major, minor }: SpecInput['host']['kernel']): boolean {
	return major > 4 || (major === 4 && minor >= 11);
}
