import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from '../store/group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{ name: 'connect', description: 'connect a container with a network', load: () => import('./connect.ts') },
	{ name: 'create', description: 'create a network', load: () => import('./create.ts') },
	{ name: 'disconnect', description: 'take a container out of a network', load: () => import('./disconnect.ts') },
	{ name: 'inspect', description: 'print all that is known of networks', load: () => import('./inspect.ts') },
	{ name: 'ls', description: 'list networks', load: () => import('./ls.ts') },
	{ name: 'prune', description: 'remove networks that no container is in', load: () => import('./prune.ts') },
	{ name: 'rm', description: 'remove networks', load: () => import('./rm.ts') },
];

/** `tsrun network …`, as docker groups them. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
