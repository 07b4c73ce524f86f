import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { attempt } from '../core/system-failure.ts';
import { standardTerminals } from '../runtime/open-container-roots.ts';
import type { RunRequest } from '../runtime/prepare-container.ts';
import { openStateDirectory } from '../state/state-directory.ts';
import { openStore } from '../store/open-store.ts';
import type { CollectedFlags } from './flag-reader.ts';
import { rootsOf } from './roots.ts';
import { readRunOptions } from './run-options.ts';

export interface RunWords {
	readonly image: string;
	/** The words after the image. */
	readonly args: readonly string[];
	/** False for `plan`, which makes nothing. */
	readonly makesContainer: boolean;
}

/** What `run` and `plan` were asked for. */
export function runRequest(command: Command, { image, args, makesContainer }: RunWords): RunRequest {
	const options = readRunOptions(command.opts<CollectedFlags>(), {
		environment: process.env,
		cwd: attempt(
			{ code: 'TSRUN_NO_CWD', action: 'tell the current directory', hint: 'it was removed: cd to one that exists' },
			() => process.cwd(),
		),
		readText: path => readFileSync(path, 'utf8'),
	});
	const roots = rootsOf(command);
	return {
		reference: image,
		args,
		options,
		store: openStore(roots.data),
		state: makesContainer ? openStateDirectory(roots.state) : { root: roots.state },
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
