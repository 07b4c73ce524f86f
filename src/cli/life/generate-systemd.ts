import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemdUnit } from '../../spec/systemd-unit.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';

/** `tsrun generate systemd`: for /etc/systemd/system/tsrun.service. */
export function declareCommand(command: Command): void {
	command.action(() => {
		const { data, state } = rootsOf(command);
		const roots = ['--root', resolve(state), '--data-root', resolve(data)];
		process.stdout.write(systemdUnit([...thisProgram(), ...roots]));
	});
}
