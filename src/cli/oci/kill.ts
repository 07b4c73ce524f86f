import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { killContainer } from '../../runtime/oci/kill-container.ts';
import { parseSignal } from '../../spec/parse-signal.ts';
import { hasContainer } from '../../state/find-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { forEachContainer } from './each-container.ts';
import { killWords } from './kill-words.ts';
import { isCalledRunc } from './report-as-runc.ts';

/** `tsrun kill`: docker's for containers of `tsrun run`, runc's for those of a bundle. */
export function declareCommand(command: Command): void {
	if (isCalledRunc()) command.argument('<id>', 'id of the container').argument('[signal]', 'number or name', 'SIGTERM');
	else {
		command
			.argument('<container...>', 'names or ids; or an id and a signal, as runc has it')
			.option('-s, --signal <signal>', 'name or number; SIGKILL unless told, SIGTERM for a container of a bundle');
	}
	command
		.option('-a, --all', 'to all its processes')
		.action(async (first: string | readonly string[], second?: string) => {
			const { all = false, signal: flag } = command.opts<{ all?: boolean; signal?: string }>();
			const stateRoot = rootsOf(command).state;
			const directory = openStateDirectory(stateRoot);
			const words = typeof first === 'string' ? [first, second ?? 'SIGTERM'] : first;
			const { containers, signal: word = flag } = isCalledRunc()
				? { containers: words.slice(0, 1), signal: words[1] }
				: killWords(words, flag, text => hasContainer(directory, text));
			const given = word === undefined ? undefined : signalOf(word);
			const { killRunContainer } = await import('../../runtime/life/kill-container.ts');
			forEachContainer(directory, containers, (container, ofRun) => {
				if (ofRun) killRunContainer(directory, container, { signal: given ?? SIGKILL, all });
				else killContainer({ stateRoot, container, signal: given ?? SIGTERM, all });
			});
		});
}

const SIGKILL = 9;
const SIGTERM = 15;

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
