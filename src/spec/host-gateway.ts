import { badFlag } from './bad-flag.ts';

/** docker's word for the host as the container reaches it: the gateway of its first network. */
export const HOST_GATEWAY = 'host-gateway';

/**
 * Lines of /etc/hosts with the gateway in the place of its word.
 * @param gateway undefined where no network of the container leads to the host
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function withHostGateway(hosts: string, gateway: string | undefined): string {
	return hosts.replace(/^host-gateway\t(.*)$/gm, (_, name: string) => {
		if (gateway === undefined) throw noGateway(name);
		return `${gateway}\t${name}`;
	});
}

export const noGateway = (name: string) =>
	badFlag('--add-host', `${name}:${HOST_GATEWAY}`, {
		problem: 'names the gateway to the host, and the container has none',
		hint: 'it needs a network with a bridge that is not internal, or --network host',
	});
