import type { Command } from 'commander';
import { restoreContainer } from '../../runtime/oci/restore-container.ts';
import { rootsOf } from '../roots.ts';
import { addCreateOptions, readCreateOptions } from './create-options.ts';
import { addCriuOptions, type CriuOpts, criuProgram, readCriuFlags } from './criu-options.ts';

interface RestoreOpts extends CriuOpts {
	readonly detach?: boolean;
	readonly tcpClose?: boolean;
}

/** `tsrun restore`: a container from the files of a checkpoint. */
export function declareCommand(command: Command): void {
	addCriuOptions(addCreateOptions(command))
		.argument('<id>', 'id of the new container')
		.option('-d, --detach', 'do not wait for the end')
		.option('--tcp-close', 'close TCP connections')
		.option('--no-subreaper', 'no effect: tsrun reaps nothing but the container')
		.action((id: string) => {
			const flags = command.opts<RestoreOpts>();
			process.exitCode = restoreContainer({
				stateRoot: rootsOf(command).state,
				id,
				criu: criuProgram(command),
				...readCreateOptions(command, flags.detach === true ? 'detached' : 'supervised'),
				flags: { ...readCriuFlags(flags), tcpClose: flags.tcpClose ?? false },
			});
		});
}
