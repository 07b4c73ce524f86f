import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { openContainerRoots, standardTerminals } from '../runtime/open-container-roots.ts';
import type { RunRequest } from '../runtime/prepare-container.ts';
import type { CollectedFlags } from './flag-reader.ts';
import { rootsOf } from './roots.ts';
import { readRunOptions } from './run-options.ts';

/** What `run` and `plan` were asked for. */
export function runRequest(command: Command, image: string, args: readonly string[]): RunRequest {
	const options = readRunOptions(command.opts<CollectedFlags>(), {
		environment: process.env,
		cwd: process.cwd(),
		readText: path => readFileSync(path, 'utf8'),
	});
	const { store, state } = openContainerRoots(rootsOf(command));
	return { reference: image, args, options, store, state, terminals: standardTerminals() };
}
