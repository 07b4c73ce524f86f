import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from './group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{ name: 'load', description: 'as tsrun load', load: () => import('../load.ts') },
	{ name: 'ls', description: 'as tsrun images', load: () => import('../images.ts') },
	{ name: 'prune', description: 'remove images that nothing uses', load: () => import('./image-prune.ts') },
	{ name: 'rm', description: 'as tsrun rmi', load: () => import('../rmi.ts') },
];

/** `tsrun image …`, as docker groups them. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
