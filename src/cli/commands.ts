import type { Command } from 'commander';
// What `run` needs comes with the program; its start-up is part of every container's.
import * as run from './run.ts';

export interface CommandModule {
	/** Adds arguments, options and action to the command. */
	readonly declareCommand: (command: Command) => void;
}

export interface CommandEntry {
	readonly name: string;
	readonly description: string;
	readonly load: () => Promise<CommandModule>;
	readonly hidden?: boolean;
}

/** Every command; its module is read only when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
	{ name: 'run', description: 'run a command in a new container', load: async () => run },
	{
		name: 'plan',
		description: 'print the system calls that would make a container, without making it',
		load: () => import('./plan.ts'),
	},
	{ name: 'ps', description: 'list containers', load: () => import('./ps.ts') },
	{ name: 'rm', description: 'remove containers that have ended', load: () => import('./rm.ts') },
	{
		name: 'load',
		description: 'load an image from a directory or an archive into the store',
		load: () => import('./load.ts'),
	},
	{ name: 'images', description: 'list images', load: () => import('./images.ts') },
	{ name: 'rmi', description: 'remove images', load: () => import('./rmi.ts') },
	{
		name: 'report-failure',
		description: 'word the failure of a step',
		load: () => import('./report-failure.ts'),
		hidden: true,
	},
];
