import type { Command } from 'commander';
import { allNetworks, describeNetwork } from '../../runtime/network/describe-network.ts';
import { noSuchNetwork } from '../../runtime/network/network-files.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { printInspected } from '../format/print-inspected.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun network inspect`. */
export function declareCommand(command: Command): void {
	command
		.argument('<network...>', 'name, id or the beginning of an id')
		.option('-f, --format <format>', 'json, or a template of Go')
		.action((names: readonly string[]) => {
			printInspected(names, command.opts<{ format?: string }>().format, () => {
				const places = openContainerRoots(rootsOf(command));
				const networks = allNetworks(places);
				return text => {
					const network = networks.find(({ name, id }) => name === text || id.startsWith(text));
					if (network === undefined) throw noSuchNetwork(text);
					return describeNetwork(places.state, network);
				};
			});
		});
}
