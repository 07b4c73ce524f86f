import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CriuFlags } from '../../plan/criu/criu-options.ts';

export interface CriuOpts {
	readonly imagePath?: string;
	readonly workPath?: string;
	readonly tcpEstablished?: boolean;
	readonly extUnixSk?: boolean;
	readonly shellJob?: boolean;
	readonly fileLocks?: boolean;
	readonly manageCgroupsMode: CriuFlags['manageCgroupsMode'];
	readonly emptyNs: readonly string[];
	readonly autoDedup?: boolean;
	readonly lazyPages?: boolean;
}

/** The flags that `checkpoint` and `restore` share. */
export function addCriuOptions(command: Command): Command {
	return command
		.option('--image-path <dir>', 'directory of the images (default: ./checkpoint)')
		.option('--work-path <dir>', 'directory of the logs of CRIU (default: that of the images)')
		.option('--tcp-established', 'also TCP connections')
		.option('--ext-unix-sk', 'also unix sockets with an end outside')
		.option('--shell-job', 'also a session of the caller')
		.option('--file-locks', 'also file locks')
		.addOption(
			new Option('--manage-cgroups-mode <mode>', 'how CRIU treats cgroups')
				.choices(['soft', 'full', 'strict', 'ignore'])
				.default('soft'),
		)
		.option(
			'--empty-ns <type>',
			'a namespace without its content: network',
			(value, all: string[]) => [...all, value],
			[],
		)
		.option('--auto-dedup', 'keep each page of memory once')
		.option('--lazy-pages', 'leave the memory to a criu lazy-pages server');
}

export function readCriuFlags(flags: CriuOpts): CriuFlags {
	const imagePath = resolve(flags.imagePath ?? 'checkpoint');
	return {
		imagePath,
		workPath: flags.workPath === undefined ? imagePath : resolve(flags.workPath),
		tcpEstablished: flags.tcpEstablished ?? false,
		extUnixSk: flags.extUnixSk ?? false,
		shellJob: flags.shellJob ?? false,
		fileLocks: flags.fileLocks ?? false,
		manageCgroupsMode: flags.manageCgroupsMode,
		emptyNs: flags.emptyNs,
		autoDedup: flags.autoDedup ?? false,
		lazyPages: flags.lazyPages ?? false,
	};
}

/** The program of `--criu`; CRIU of PATH unless told. */
export function criuProgram(command: Command): string {
	return command.optsWithGlobals<{ criu?: string }>().criu || 'criu';
}
