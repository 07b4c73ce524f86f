import type { Command } from 'commander';
import { checkpointContainer } from '../../runtime/oci/checkpoint-container.ts';
import { rootsOf } from '../roots.ts';
import { addCriuOptions, type CriuOpts, criuProgram, readCriuFlags } from './criu-options.ts';

interface CheckpointOpts extends CriuOpts {
	readonly leaveRunning?: boolean;
	readonly preDump?: boolean;
	readonly parentPath?: string;
	readonly tcpSkipInFlight?: boolean;
	readonly linkRemap?: boolean;
	readonly pageServer?: string;
}

/** `tsrun checkpoint`: the state of a container's processes into files. */
export function declareCommand(command: Command): void {
	addCriuOptions(command)
		.argument('<id>', 'id of the container')
		.option('--leave-running', 'let the container go on')
		.option('--pre-dump', 'write the memory only, and let the container go on')
		.option('--parent-path <dir>', 'images of an earlier pre-dump, relative to those made now')
		.option('--tcp-skip-in-flight', 'leave out connections that are being made')
		.option('--link-remap', 'also files that have no name any more')
		.option('--page-server <address:port>', 'send the memory to a criu page-server')
		.action((container: string) => {
			const flags = command.opts<CheckpointOpts>();
			checkpointContainer({
				stateRoot: rootsOf(command).state,
				container,
				criu: criuProgram(command),
				flags: {
					...readCriuFlags(flags),
					leaveRunning: flags.leaveRunning ?? false,
					preDump: flags.preDump ?? false,
					tcpSkipInFlight: flags.tcpSkipInFlight ?? false,
					linkRemap: flags.linkRemap ?? false,
					...(flags.parentPath === undefined ? {} : { parentPath: flags.parentPath }),
					...(flags.pageServer === undefined ? {} : { pageServer: flags.pageServer }),
				},
			});
		});
}
