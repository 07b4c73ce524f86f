import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from './group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{
		name: 'check',
		description: 'read every byte of the store and say what is wrong',
		load: () => import('./system-check.ts'),
	},
	{ name: 'df', description: 'show what the store takes on disk', load: () => import('./system-df.ts') },
	{ name: 'prune', description: 'remove what nothing uses', load: () => import('./system-prune.ts') },
];

/** `tsrun system …`. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
