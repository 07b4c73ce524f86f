import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { removeNetwork } from '../../runtime/network/remove-network.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun network rm`: one line on stdout for each that is gone, one on stderr for each that is not. */
export function declareCommand(command: Command): void {
	command
		.argument('<network...>', 'name, id or the beginning of an id')
		.option('-f, --force', 'one that is not there is no error')
		.action((networks: readonly string[]) => {
			const { force = false } = command.opts<{ force?: boolean }>();
			const places = openContainerRoots(rootsOf(command));
			for (const network of networks) {
				try {
					removeNetwork(places, network);
					process.stdout.write(`${network}\n`);
				} catch (error) {
					if (force && error instanceof TsrunError && error.code === 'TSRUN_NO_SUCH_NETWORK') continue;
					reportError(error);
					process.exitCode = 1;
				}
			}
		});
}
