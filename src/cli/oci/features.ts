import type { Command } from 'commander';
import { describeFeatures } from '../../plan/features.ts';
import { version } from '../version.ts';

/** `tsrun features`: one JSON document (runtime-spec features.md). */
export function declareCommand(command: Command): void {
	command.action(() => {
		process.stdout.write(`${JSON.stringify(describeFeatures(version()), undefined, 4)}\n`);
	});
}
