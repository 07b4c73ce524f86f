import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { removeVolume } from '../../runtime/volumes/remove-volumes.ts';
import { openStore } from '../../store/open-store.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun volume rm`: one line on stdout for each that is gone, one on stderr for each that is not. */
export function declareCommand(command: Command): void {
	command
		.argument('<volume...>', 'name')
		.option('-f, --force', 'a volume that is not there is no error')
		.action(async (names: readonly string[]) => {
			const { force = false } = command.opts<{ force?: boolean }>();
			const store = openStore(rootsOf(command).data);
			for (const name of names) {
				try {
					await removeVolume(store, name);
					process.stdout.write(`${name}\n`);
				} catch (error) {
					if (force && error instanceof TsrunError && error.code === 'TSRUN_NO_SUCH_VOLUME') {
						process.stdout.write(`${name}\n`);
						continue;
					}
					reportError(error);
					process.exitCode = 1;
				}
			}
		});
}
