/** A line of /etc/hosts. */
export interface HostNames {
	readonly address: string;
	readonly names: readonly string[];
}

/**
 * The text of /etc/hosts of a container in networks: the usual lines, its own names at its own addresses, then those of the others. A
 * name that two containers have is at both addresses, and the first is found.
 */
export function networkHosts(usual: string, own: readonly HostNames[], others: readonly HostNames[]): string {
	return usual + [...own, ...others].map(({ address, names }) => `${address}\t${names.join(' ')}\n`).join('');
}
