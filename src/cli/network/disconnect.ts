import type { Command } from 'commander';
import { disconnectNetwork } from '../../runtime/network/connect-network.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun network disconnect`: its interface goes, and others forget its names. */
export function declareCommand(command: Command): void {
	command
		.argument('<network>')
		.argument('<container>')
		.option('-f, --force', 'as docker has it; there is nothing to force')
		.action((network: string, container: string) => {
			disconnectNetwork(openContainerRoots(rootsOf(command)), container, network);
		});
}
