import { HOST_GATEWAY } from './host-gateway.ts';
import type { HostEntry } from './run-options.ts';

export interface HostsFileInput {
	readonly hostname: string;
	readonly domainname: string | undefined;
	readonly addHosts: readonly HostEntry[];
	/** The container reaches itself by 127.0.0.1 only. */
	readonly loopbackOnly: boolean;
	/** The container has the host's network. */
	readonly networkHost: boolean;
	/** Text of the host's /etc/hosts; undefined where there is none. */
	readonly hostFile: string | undefined;
}

const LOOPBACK = '127.0.0.1';
const LINES: readonly (readonly [address: string, names: string])[] = [
	[LOOPBACK, 'localhost'],
	['::1', 'localhost ip6-localhost ip6-loopback'],
	['fe00::', 'ip6-localnet'],
	['ff00::', 'ip6-mcastprefix'],
	['ff02::1', 'ip6-allnodes'],
	['ff02::2', 'ip6-allrouters'],
];

/**
 * The text of /etc/hosts by docker's rules: on the host's network a copy of the host's unless --add-host is given, else the usual lines and
 * those of --add-host, `host-gateway` being its loopback there, and in networks what {@link withHostGateway} makes of it. Other than docker, a container with a loopback interface only finds itself by name, at 127.0.0.1.
 */
export function hostsFile(input: HostsFileInput): string {
	const { hostname, domainname, addHosts, loopbackOnly, networkHost, hostFile } = input;
	if (networkHost && addHosts.length === 0 && hostFile !== undefined) return hostFile;
	const lines = [
		...LINES,
		...addHosts.map(
			({ name, address }) => [networkHost && address === HOST_GATEWAY ? LOOPBACK : address, name] as const,
		),
	];
	if (loopbackOnly) lines.push([LOOPBACK, ownNames(hostname, domainname)]);
	return lines.map(([address, names]) => `${address}\t${names}\n`).join('');
}

/** The full name first, as hosts(5) wants the canonical one, then the part before the first point. */
export function ownNames(hostname: string, domainname: string | undefined): string {
	const full = domainname === undefined ? hostname : `${hostname}.${domainname}`;
	const point = full.indexOf('.');
	return point < 1 ? full : `${full} ${full.slice(0, point)}`;
}
