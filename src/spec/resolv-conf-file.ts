import { ipAddressKind } from './ip-address-kind.ts';

export interface ResolvConfInput {
	/** Text of the host's /etc/resolv.conf; undefined where there is none. */
	readonly hostFile: string | undefined;
	/** From --dns, --dns-search and --dns-option. */
	readonly dns: readonly string[];
	readonly search: readonly string[];
	readonly options: readonly string[];
	/** Whether the container has the host's network. */
	readonly networkMode: 'host' | 'none' | 'private';
}

/** The stub of systemd-resolved, which answers on the host's loopback only. */
const STUB = '127.0.0.53';
/** Where systemd-resolved has the servers that it asks (systemd-resolved.service(8)). */
export const BEHIND_STUB = '/run/systemd/resolve/resolv.conf';

/** Whether the host has nothing but the stub, so that {@link BEHIND_STUB} is to be read in its place. As with docker not on the host's network. */
export function isStub(hostFile: string): boolean {
	const { servers } = parse(hostFile);
	return servers.length > 0 && servers.every(server => server === STUB);
}

/** What docker falls back to where the host has no name server that a container could reach. */
const FALLBACK_SERVERS = ['8.8.8.8', '8.8.4.4'];
const DIRECTIVES = ['nameserver', 'search', 'domain', 'options'];

/**
 * The text of /etc/resolv.conf by docker's rules (moby, libnetwork). On the host's network without a flag it is the host's own. Else each
 * kind of flag replaces that kind of line, and servers of the host's file on its loopback are left out, since the container has another
 * loopback; with none left, the fallback servers are named. `none` is treated like any other network, as docker does, though nothing
 * answers there.
 */
export function resolvConfFile({ hostFile = '', dns, search, options, networkMode }: ResolvConfInput): string {
	const isPlain = dns.length === 0 && search.length === 0 && options.length === 0;
	if (networkMode === 'host' && isPlain) return hostFile;
	const host = parse(hostFile);
	const reachable = networkMode === 'host' ? host.servers : host.servers.filter(server => !isOfHostOnly(server));
	const found = dns.length > 0 ? dns : reachable;
	const servers = found.length > 0 || networkMode === 'host' ? found : FALLBACK_SERVERS;
	const domains = search.length > 0 ? search.filter(domain => domain !== '.') : host.search;
	const chosen = options.length > 0 ? options : host.options;
	return [
		...servers.map(server => `nameserver ${server}\n`),
		...(domains.length > 0 ? [`search ${domains.join(' ')}\n`] : []),
		...(chosen.length > 0 ? [`options ${chosen.join(' ')}\n`] : []),
		...host.other.map(line => `${line}\n`),
	].join('');
}

function parse(text: string) {
	const rows = text
		.split('\n')
		.map(line => line.trim())
		.filter(line => line !== '' && !/^[#;]/.test(line));
	const words = (name: string) => rows.map(row => row.split(/\s+/)).filter(([first]) => first === name);
	return {
		servers: words('nameserver').flatMap(([, server = '']) => (isServer(server) ? [server] : [])),
		// resolv.conf(5): domain and search exclude each other, the last one counts
		search:
			rows
				.map(row => row.split(/\s+/))
				.findLast(([first, ...rest]) => (first === 'search' || first === 'domain') && rest.length > 0)
				?.slice(1) ?? [],
		options: words('options').flatMap(([, ...rest]) => rest),
		other: rows.filter(row => !DIRECTIVES.includes(row.split(/\s+/)[0] ?? '')),
	};
}

/** A link-local address carries the interface that it is reached through: fe80::1%eth0. */
function isServer(text: string): boolean {
	return ipAddressKind(text.replace(/%[\w.-]+$/, '')) !== undefined;
}

/** On a loopback, or behind an interface, which the container has its own of. */
function isOfHostOnly(address: string): boolean {
	return (
		address.startsWith('127.') ||
		address.includes('%') ||
		/^(::|(0{1,4}:){7})0{0,3}1$/.test(address) ||
		/^::ffff:127\./i.test(address)
	);
}
