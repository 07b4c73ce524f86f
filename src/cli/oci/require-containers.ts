import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';

/** Of a command that takes containers by name, or all. @returns whether all are meant @throws TsrunError TSRUN_USAGE */
export function requireContainers(command: Command, containers: readonly string[]): boolean {
	const { all = false } = command.opts<{ all?: boolean }>();
	if (all !== containers.length > 0) return all;
	const problem = all ? '--all is given with a container' : "missing required argument 'container'";
	const name = command.name();
	throw new TsrunError('TSRUN_USAGE', `${name}: ${problem}`, { hint: `see tsrun ${name} --help` });
}
