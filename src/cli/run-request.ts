import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { attempt } from '../core/system-failure.ts';
import { openContainerRoots, standardTerminals } from '../runtime/open-container-roots.ts';
import type { RunRequest } from '../runtime/prepare-container.ts';
import type { CollectedFlags } from './flag-reader.ts';
import { rootsOf } from './roots.ts';
import { readRunOptions } from './run-options.ts';

/** What `run` and `plan` were asked for. */
export function runRequest(command: Command, image: string, args: readonly string[]): RunRequest {
	const options = readRunOptions(command.opts<CollectedFlags>(), {
		environment: process.env,
		cwd: attempt(
			{ code: 'TSRUN_NO_CWD', action: 'tell the current directory', hint: 'it was removed: cd to one that exists' },
			() => process.cwd(),
		),
		readText: path => readFileSync(path, 'utf8'),
	});
	const { store, state } = openContainerRoots(rootsOf(command));
	return {
		reference: image,
		args,
		options,
		store,
		state,
		terminals: standardTerminals(),
		...(options.tty ? terminalSize() : {}),
	};
}

/** So that the program meets the right size at its very start, before the first change of it. */
function terminalSize(): Pick<RunRequest, 'terminalSize'> {
	const stream = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
	if (stream === undefined) return {};
	const [width, height] = stream.getWindowSize();
	return { terminalSize: { width, height } };
}
