import { DEFAULT_NETWORK, networkName, parseNetworks } from '../../spec/parse-network.ts';
import { parseExpose, parsePublish } from '../../spec/parse-publish.ts';
import type { RunOptions } from '../../spec/run-options.ts';
import type { FlagReader } from '../flag-reader.ts';

/** @param environment `TSRUN_NETWORK` is the network of who names none; who publishes a port wants one that has some */
export function readNetworkOptions(
	flags: FlagReader,
	environment: Readonly<Record<string, string | undefined>>,
): Pick<RunOptions, 'network' | 'publish' | 'publishAll' | 'expose'> {
	const publish = flags.list('publish').flatMap(parsePublish);
	const publishAll = flags.isSet('publishAll');
	return {
		network: parseNetworks(
			[...flags.list('network'), ...flags.list('net')],
			{
				ip: flags.value('ip'),
				ip6: flags.value('ip6'),
				mac: flags.value('macAddress'),
				aliases: [...flags.list('networkAlias'), ...flags.list('netAlias')],
				linkLocal: flags.list('linkLocalIp'),
			},
			publish.length > 0 || publishAll ? DEFAULT_NETWORK : defaultNetwork(environment.TSRUN_NETWORK),
		),
		publish,
		publishAll,
		expose: flags.list('expose').flatMap(parseExpose),
	};
}

function defaultNetwork(told: string | undefined): string {
	return told ? networkName('TSRUN_NETWORK', told) : DEFAULT_NETWORK;
}
