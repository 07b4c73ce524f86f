import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from './group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{ name: 'history', description: 'as tsrun history', load: () => import('./history.ts') },
	{ name: 'import', description: 'as tsrun import', load: () => import('./import.ts') },
	{ name: 'inspect', description: 'as tsrun inspect, of images', load: () => import('./image-inspect.ts') },
	{ name: 'load', description: 'as tsrun load', load: () => import('../load.ts') },
	{ name: 'ls', description: 'as tsrun images', load: () => import('../images.ts') },
	{ name: 'mount', description: 'show an image at a directory, read-only', load: () => import('./image-mount.ts') },
	{ name: 'prune', description: 'remove images that nothing uses', load: () => import('./image-prune.ts') },
	{ name: 'pull', description: 'as tsrun pull', load: () => import('../pull.ts') },
	{ name: 'push', description: 'as tsrun push', load: () => import('../push.ts') },
	{ name: 'rm', description: 'as tsrun rmi', load: () => import('../rmi.ts') },
	{ name: 'save', description: 'as tsrun save', load: () => import('./save.ts') },
	{ name: 'tag', description: 'as tsrun tag', load: () => import('./tag.ts') },
	{ name: 'unmount', description: 'take a mounted image away', load: () => import('./image-unmount.ts') },
];

/** `tsrun image …`, as docker groups them. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
