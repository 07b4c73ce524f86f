import { fstatSync } from 'node:fs';
import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
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
	readonly statusFd?: string;
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
		.option('--status-fd <n>', 'a descriptor that gets a NUL when a server for --lazy-pages is ready')
		.action(async (container: string) => {
			const flags = command.opts<CheckpointOpts>();
			await checkpointContainer({
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
					...(flags.pageServer === undefined ? {} : { pageServer: readPageServer(flags.pageServer) }),
					...(flags.statusFd === undefined ? {} : { statusFd: readStatusFd(flags.statusFd) }),
				},
			});
		});
}

/** @throws TsrunError TSRUN_BAD_FLAG, in runc's words */
function readPageServer(text: string): string {
	if (/^.+:\d{1,5}$/.test(text)) return text;
	throw new TsrunError('TSRUN_BAD_FLAG', 'Use --page-server ADDRESS:PORT to specify page server', { exitCode: 1 });
}

/** @throws TsrunError TSRUN_BAD_FLAG where the descriptor is not open */
function readStatusFd(text: string): number {
	const fd = /^\d{1,6}$/.test(text) ? Number(text) : -1;
	if (fd >= 0 && isOpen(fd)) return fd;
	throw new TsrunError('TSRUN_BAD_FLAG', `invalid --status-fd argument ${text}: not an open descriptor`, {
		exitCode: 1,
	});
}

function isOpen(fd: number): boolean {
	try {
		fstatSync(fd);
		return true;
	} catch {
		return false;
	}
}
