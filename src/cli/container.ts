import type { Command } from 'commander';
import type { CommandEntry } from './commands.ts';
import { declareGroup } from './store/group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{ name: 'attach', description: 'as tsrun attach', load: () => import('./attach/attach.ts'), failsWith: 1 },
	{ name: 'commit', description: 'as tsrun commit', load: () => import('./store/commit.ts') },
	{ name: 'cp', description: 'as tsrun cp', load: () => import('./cp.ts') },
	{ name: 'create', description: 'as tsrun create', load: () => import('./life/create.ts') },
	{ name: 'diff', description: 'as tsrun diff', load: () => import('./store/diff.ts') },
	{ name: 'export', description: 'as tsrun export', load: () => import('./store/export.ts') },
	{ name: 'inspect', description: 'as tsrun inspect, of containers', load: () => import('./container-inspect.ts') },
	{ name: 'logs', description: 'as tsrun logs', load: () => import('./life/logs.ts') },
	{ name: 'ls', description: 'as tsrun ps', load: () => import('./ps/ps.ts') },
	{ name: 'port', description: 'as tsrun port', load: () => import('./network/port.ts') },
	{ name: 'prune', description: 'remove containers that do not run', load: () => import('./container-prune.ts') },
	{ name: 'rename', description: 'as tsrun rename', load: () => import('./life/rename.ts'), failsWith: 1 },
	{ name: 'restart', description: 'as tsrun restart', load: () => import('./life/restart.ts') },
	{ name: 'rm', description: 'as tsrun rm', load: () => import('./rm.ts') },
	{ name: 'start', description: 'as tsrun start', load: () => import('./oci/start.ts'), failsWith: 1 },
	{ name: 'stats', description: 'as tsrun stats', load: () => import('./life/stats.ts'), failsWith: 1 },
	{ name: 'stop', description: 'as tsrun stop', load: () => import('./life/stop.ts') },
	{ name: 'wait', description: 'as tsrun wait', load: () => import('./life/wait.ts') },
];

/** `tsrun container …`, as docker groups them. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
