import type { Command } from 'commander';
// What `run` needs comes with the program; its start-up is part of every container's.
import * as run from './run.ts';

export interface CommandModule {
	/** Adds arguments, options and action to the command. Options that are not among `words`, if those are given, may be left out. */
	readonly declareCommand: (command: Command, words?: readonly string[]) => void | Promise<void>;
}

export interface CommandEntry {
	readonly name: string;
	readonly description: string;
	readonly load: () => Promise<CommandModule>;
	readonly hidden?: boolean;
	/** Exit code of its own failure; absent: what the error says, as docker's. */
	readonly failsWith?: number;
}

const OCI = { failsWith: 1 } as const;

/** Every command; its module is read only when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
	{ name: 'run', description: 'run a command in a new container', load: async () => run },
	{
		name: 'plan',
		description: 'print the system calls that would make a container, without making it',
		load: () => import('./plan.ts'),
	},
	{ name: 'ps', description: 'list containers', load: () => import('./ps/ps.ts') },
	{ name: 'rm', description: 'remove containers that have ended', load: () => import('./rm.ts') },
	{ name: 'logs', description: 'print what a container has written', load: () => import('./life/logs.ts') },
	{
		name: 'attach',
		description: 'be at input and output of a container in the background',
		load: () => import('./attach/attach.ts'),
		failsWith: 1,
	},
	{ name: 'stop', description: 'ask containers to end, and end them', load: () => import('./life/stop.ts') },
	{
		name: 'rename',
		description: 'give a container another name',
		load: () => import('./life/rename.ts'),
		failsWith: 1,
	},
	{ name: 'restart', description: 'stop containers and start them again', load: () => import('./life/restart.ts') },
	{ name: 'generate', description: 'print files for other programs', load: () => import('./life/generate.ts') },
	{ name: 'stats', description: 'show what containers use', load: () => import('./life/stats.ts'), failsWith: 1 },
	{ name: 'wait', description: 'wait for the end of containers', load: () => import('./life/wait.ts') },
	{
		name: 'load',
		description: 'load an image from a directory or an archive into the store',
		load: () => import('./load.ts'),
	},
	{ name: 'pull', description: 'bring an image from a registry', load: () => import('./pull.ts') },
	{ name: 'push', description: 'bring an image to a registry', load: () => import('./push.ts') },
	{ name: 'login', description: 'log in to a registry', load: () => import('./login.ts') },
	{ name: 'logout', description: 'forget the login of a registry', load: () => import('./logout.ts') },
	{ name: 'images', description: 'list images', load: () => import('./images.ts') },
	{ name: 'rmi', description: 'remove images', load: () => import('./rmi.ts') },
	{ name: 'tag', description: 'give an image a further name', load: () => import('./store/tag.ts') },
	{
		name: 'inspect',
		description: 'print all that is known of containers and images',
		load: () => import('./store/inspect.ts'),
	},
	{ name: 'history', description: 'show how an image came to be', load: () => import('./store/history.ts') },
	{ name: 'save', description: 'write images into an archive', load: () => import('./store/save.ts') },
	{
		name: 'import',
		description: 'make an image of the archive of a root file system',
		load: () => import('./store/import.ts'),
	},
	{
		name: 'export',
		description: 'write the file system of a container into an archive',
		load: () => import('./store/export.ts'),
	},
	{ name: 'commit', description: 'make an image of a container', load: () => import('./store/commit.ts') },
	{ name: 'cp', description: 'copy files out of a container or into it', load: () => import('./cp.ts') },
	{ name: 'diff', description: 'show what a container has changed', load: () => import('./store/diff.ts') },
	{ name: 'container', description: 'work with containers', load: () => import('./container.ts') },
	{ name: 'image', description: 'work with images', load: () => import('./store/image.ts') },
	{ name: 'volume', description: 'work with volumes', load: () => import('./volume/volume.ts') },
	{ name: 'network', description: 'work with networks', load: () => import('./network/network.ts') },
	{ name: 'port', description: 'list the published ports of a container', load: () => import('./network/port.ts') },
	{ name: 'system', description: 'look after the store', load: () => import('./store/system.ts') },
	{ name: 'create', description: 'make a container that is started later', load: () => import('./life/create.ts') },
	{
		name: 'start',
		description: 'start containers that were created or have ended',
		load: () => import('./oci/start.ts'),
		...OCI,
	},
	{ name: 'state', description: 'print the state of a container', load: () => import('./oci/state.ts'), ...OCI },
	{ name: 'list', description: 'list containers with their states', load: () => import('./oci/list.ts'), ...OCI },
	{ name: 'kill', description: 'send a signal to a container', load: () => import('./oci/kill.ts'), ...OCI },
	{ name: 'delete', description: 'delete a container', load: () => import('./oci/delete.ts'), ...OCI },
	{ name: 'top', description: 'show the processes of a container', load: () => import('./oci/top.ts'), ...OCI },
	{ name: 'pause', description: 'pause a container', load: () => import('./oci/pause.ts'), ...OCI },
	{ name: 'resume', description: 'resume a paused container', load: () => import('./oci/resume.ts'), ...OCI },
	{ name: 'unpause', description: 'as tsrun resume', load: () => import('./oci/resume.ts'), ...OCI },
	{ name: 'update', description: 'change the limits of a container', load: () => import('./oci/update.ts'), ...OCI },
	{ name: 'events', description: 'print what a container uses', load: () => import('./oci/events.ts'), ...OCI },
	{
		name: 'exec',
		description: 'run a further process in a container',
		load: () => import('./oci/exec.ts'),
		failsWith: 255,
	},
	{
		name: 'checkpoint',
		description: 'write the state of a container into files',
		load: () => import('./oci/checkpoint.ts'),
		...OCI,
	},
	{
		name: 'restore',
		description: 'make a container from a checkpoint',
		load: () => import('./oci/restore.ts'),
		...OCI,
	},
	{ name: 'spec', description: 'write a config.json to begin with', load: () => import('./oci/spec.ts'), ...OCI },
	{
		name: 'features',
		description: 'print what a config.json may hold',
		load: () => import('./oci/features.ts'),
		...OCI,
	},
	{
		name: 'network-left',
		description: 'make others forget the names of a container',
		load: () => import('./network/network-left.ts'),
		hidden: true,
	},
	{
		name: 'report-failure',
		description: 'word the failure of a step',
		load: () => import('./report-failure.ts'),
		hidden: true,
	},
	{
		name: 'run-again',
		description: 'decide what comes after the end of a container',
		load: () => import('./life/run-again.ts'),
		hidden: true,
	},
];

/** `run` of a bundle, as runc has it. */
export const RUN_BUNDLE: CommandEntry = {
	name: 'run',
	description: 'create and start a container from a bundle',
	load: () => import('./oci/run.ts'),
	...OCI,
};

/** `create` of a bundle, as runc has it. */
export const CREATE_BUNDLE: CommandEntry = {
	name: 'create',
	description: 'create a container from a bundle',
	load: () => import('./oci/create.ts'),
	...OCI,
};

/** `ps` of one container, as runc has it. */
export const PS_CONTAINER: CommandEntry = {
	name: 'ps',
	description: 'list the processes of a container',
	load: () => import('./oci/ps.ts'),
	...OCI,
};

const NOT_OF_RUNC =
	'run create attach plan ps rm logs stop rename restart generate top unpause stats wait run-again load pull push login logout images rmi tag inspect history save import export commit cp diff image network port volume system'.split(
		' ',
	);

/** What there is where the program is called under the name runc: nothing that could be mistaken for its own commands. */
export const RUNC_COMMANDS: readonly CommandEntry[] = [
	RUN_BUNDLE,
	PS_CONTAINER,
	CREATE_BUNDLE,
	...COMMANDS.filter(({ name }) => !NOT_OF_RUNC.includes(name)),
];
