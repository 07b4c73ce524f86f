import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { killContainer } from '../../runtime/oci/kill-container.ts';
import { parseSignal } from '../../spec/parse-signal.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun kill`: sends a signal to the first process of a container, SIGTERM unless told. */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.argument('[signal]', 'number or name', 'SIGTERM')
		.option('-a, --all', 'to all its processes')
		.action((container: string, word: string) => {
			const { all = false } = command.opts<{ all?: boolean }>();
			killContainer({ stateRoot: rootsOf(command).state, container, signal: signalOf(word), all });
		});
}

function signalOf(word: string): number {
	const signal = word === '0' ? 0 : parseSignal(word);
	if (signal === undefined) {
		throw new TsrunError('TSRUN_BAD_SIGNAL', `unknown signal ${JSON.stringify(word.slice(0, 40))}`, {
			hint: 'give a name such as SIGTERM or TERM, or a number from 1 to 64',
			exitCode: 1,
		});
	}
	return signal;
}
