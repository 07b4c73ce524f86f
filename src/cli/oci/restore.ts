import type { Command } from 'commander';
import { restoreContainer } from '../../runtime/oci/restore-container.ts';
import { rootsOf } from '../roots.ts';
import { addBundleOptions, readCreateOptions } from './create-options.ts';
import { addCriuOptions, type CriuOpts, criuProgram, readCriuFlags } from './criu-options.ts';

interface RestoreOpts extends CriuOpts {
	readonly detach?: boolean;
	readonly tcpClose?: boolean;
	readonly lsmProfile?: string;
	readonly lsmMountContext?: string;
}

/** `tsrun restore`: a container from the files of a checkpoint. */
export function declareCommand(command: Command): void {
	addCriuOptions(addBundleOptions(command))
		.argument('<id>', 'id of the new container')
		.option('-d, --detach', 'do not wait for the end')
		.option('--tcp-close', 'close TCP connections')
		.option('--lsm-profile <type:label>', 'another profile for its processes: apparmor:NAME, selinux:LABEL')
		.option('--lsm-mount-context <label>', 'another context= of SELinux for its mounts')
		.option('--no-subreaper', 'no effect: tsrun reaps nothing but the container')
		.action(async (id: string) => {
			const flags = command.opts<RestoreOpts>();
			process.exitCode = await restoreContainer({
				stateRoot: rootsOf(command).state,
				id,
				criu: criuProgram(command),
				...readCreateOptions(command, flags.detach === true ? 'detached' : 'supervised'),
				flags: {
					...readCriuFlags(flags),
					tcpClose: flags.tcpClose ?? false,
					...(flags.lsmProfile === undefined ? {} : { lsmProfile: flags.lsmProfile }),
					...(flags.lsmMountContext === undefined ? {} : { lsmMountContext: flags.lsmMountContext }),
				},
			});
		});
}
