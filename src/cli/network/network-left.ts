import type { Command } from 'commander';
import { departFromNetworks } from '../../runtime/network/depart.ts';

/** The machine's teardown calls this for a container that has ended. */
export function declareCommand(command: Command): void {
	command.argument('<state>').argument('<data>').argument('<id>').action(departFromNetworks);
}
