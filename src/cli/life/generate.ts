import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { declareGroup } from '../store/group.ts';

const COMMANDS: readonly CommandEntry[] = [
	{
		name: 'systemd',
		description: 'print a unit that starts containers with the machine',
		load: () => import('./generate-systemd.ts'),
	},
];

/** `tsrun generate …`. */
export function declareCommand(command: Command, words?: readonly string[]): Promise<void> {
	return declareGroup(command, COMMANDS, words);
}
