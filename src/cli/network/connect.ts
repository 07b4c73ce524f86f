import { type Command, Option } from 'commander';
import { connectNetwork } from '../../runtime/network/connect-network.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { endpoint, networkName } from '../../spec/parse-network.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly ip?: string;
	readonly ip6?: string;
	readonly alias?: readonly string[];
	readonly linkLocalIp?: readonly string[];
}

/** `tsrun network connect`: of a container that runs. */
export function declareCommand(command: Command): void {
	command
		.argument('<network>')
		.argument('<container>')
		.option('--ip <address>', 'its address in the network')
		.option('--ip6 <address>', 'its address of IPv6')
		.addOption(new Option('--alias <name>', 'a further name in the network').argParser(collect))
		.addOption(new Option('--link-local-ip <address>', 'a further address of the interface').argParser(collect))
		.action((network: string, container: string) => {
			const { ip, ip6, alias = [], linkLocalIp = [] } = command.opts<Flags>();
			const name = networkName('network connect', network);
			const request = endpoint(name, { ip, ip6, aliases: alias, linkLocal: linkLocalIp });
			connectNetwork(openContainerRoots(rootsOf(command)), container, request);
		});
}
