import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from '../store/group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{ name: 'create', description: 'make a volume', load: () => import('./create.ts') },
	{ name: 'inspect', description: 'print all that is known of volumes', load: () => import('./inspect.ts') },
	{ name: 'ls', description: 'list volumes', load: () => import('./ls.ts') },
	{ name: 'list', description: 'as ls', load: () => import('./ls.ts') },
	{ name: 'prune', description: 'remove volumes that no container uses', load: () => import('./prune.ts') },
	{ name: 'rm', description: 'remove volumes', load: () => import('./rm.ts') },
	{ name: 'remove', description: 'as rm', load: () => import('./rm.ts') },
];

/** `tsrun volume …`, as docker groups them. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
