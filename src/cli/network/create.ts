import { type Command, Option } from 'commander';
import { createNetwork } from '../../runtime/network/create-network.ts';
import { withNetworks } from '../../runtime/network/network-files.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { parseLabel } from '../../spec/parse-label.ts';
import { networkName } from '../../spec/parse-network.ts';
import { openStore } from '../../store/open-store.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly driver: string;
	readonly subnet?: readonly string[];
	readonly gateway?: readonly string[];
	readonly ipRange?: readonly string[];
	readonly ipv6?: boolean;
	readonly internal?: boolean;
	readonly label?: readonly string[];
	readonly opt?: readonly string[];
}

/** `tsrun network create`: prints the id. */
export function declareCommand(command: Command): void {
	const list = (flags: string, description: string): Option => new Option(flags, description).argParser(collect);
	command
		.argument('<name>')
		.option('-d, --driver <driver>', 'bridge', 'bridge')
		.addOption(list('--subnet <subnet>', 'addresses of the network: 10.20.0.0/24'))
		.addOption(list('--gateway <address>', 'the host’s address in a subnet; its first unless told'))
		.addOption(list('--ip-range <subnet>', 'where containers’ addresses are taken from'))
		.option('--ipv6', 'with addresses of IPv6 too')
		.option('--internal', 'with no way to the world')
		.addOption(list('--label <key[=value]>', 'note something with the network'))
		.addOption(list('-o, --opt <key=value>', 'docker’s options of a bridge'))
		.action((text: string) => {
			const flags = command.opts<Flags>();
			if (flags.driver !== 'bridge')
				throw badFlag('--driver', flags.driver, { problem: 'is not known', hint: 'there is bridge' });
			const store = openStore(rootsOf(command).data);
			const wanted = {
				name: networkName('network create', text),
				subnets: flags.subnet ?? [],
				gateways: flags.gateway ?? [],
				ranges: flags.ipRange ?? [],
				ipv6: flags.ipv6 === true,
				internal: flags.internal === true,
				labels: Object.fromEntries((flags.label ?? []).map(parseLabel)),
				options: Object.fromEntries((flags.opt ?? []).map(readOption)),
			};
			process.stdout.write(`${withNetworks(store, () => createNetwork(store, wanted)).id}\n`);
		});
}

function readOption(text: string): readonly [string, string] {
	const equals = text.indexOf('=');
	return equals === -1 ? [text, 'true'] : [text.slice(0, equals), text.slice(equals + 1)];
}
