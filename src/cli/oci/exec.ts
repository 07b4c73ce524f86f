import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { systemWords } from '../../core/system-failure.ts';
import { isOfRun } from '../../runtime/life/is-of-run.ts';
import { type ExecRequest, execInContainer } from '../../runtime/oci/exec-container.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { parseEnv } from '../../spec/parse-env.ts';
import { parseEnvFile } from '../../spec/parse-env-file.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';
import { readPreserveFds } from './create-options.ts';
import { logOf } from './log.ts';
import { reporterOf } from './reporter.ts';

interface ExecOpts {
	readonly consoleSocket?: string;
	readonly pidfdSocket?: string;
	readonly pidFile?: string;
	readonly process?: string;
	readonly cwd?: string;
	readonly user?: string;
	readonly apparmor?: string;
	readonly processLabel?: string;
	readonly preserveFds: string;
	readonly env: readonly string[];
	readonly additionalGids: readonly string[];
	readonly cap: readonly string[];
	readonly cgroup: readonly string[];
	readonly tty?: boolean;
	readonly detach?: boolean;
	readonly newPrivs: boolean;
	readonly ignorePaused?: boolean;
	readonly interactive?: boolean;
	readonly workdir?: string;
	readonly envFile: readonly string[];
	readonly privileged?: boolean;
}

const append = (value: string, all: readonly string[]): readonly string[] => [...all, value];

/** `tsrun exec`: a further process in a container that runs. */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.argument('[command...]', 'program and arguments')
		.passThroughOptions()
		.option('--console-socket <path>', 'unix socket that gets the master of the terminal')
		.option('--pidfd-socket <path>', 'unix socket that gets a pidfd of the process')
		.option('--pid-file <file>', 'file for the pid of the process')
		.option('-p, --process <file>', 'the process of a config.json, in place of a command')
		.option('--cwd <path>', 'working directory')
		.option('-w, --workdir <path>', 'the same')
		.option('-i, --interactive', 'pass on standard input, as a container of a bundle always has it')
		.option('--env-file <file>', 'read environment variables from a file', append, [])
		.option('--privileged', 'with every capability')
		.option('-e, --env <name=value>', 'set an environment variable', append, [])
		.option('-t, --tty', 'give the process a terminal')
		.option('-u, --user <uid[:gid]>', 'ids of the process; names, too, in a container of tsrun run')
		.option('-g, --additional-gids <gid>', 'a supplementary group', append, [])
		.option('-d, --detach', 'do not wait for the end')
		.option('-c, --cap <capability>', 'add a capability', append, [])
		.option('--no-new-privs', 'set no_new_privs')
		.option('--apparmor <profile>', 'AppArmor profile of the process')
		.option('--process-label <label>', 'SELinux label of the process')
		.option('--preserve-fds <n>', 'pass on this many descriptors from 3 on', '0')
		.option('--cgroup <[controllers:]path>', 'a cgroup below that of the container', append, [])
		.option('--ignore-paused', 'also in a paused container')
		.action(async (container: string, args: readonly string[]) => {
			const flags = command.opts<ExecOpts>();
			const stateRoot = rootsOf(command).state;
			const isDocker = isOfRun(openStateDirectory(stateRoot), container);
			const request: ExecRequest = {
				stateRoot,
				container,
				process: processOf(flags, args),
				interactive: flags.interactive ?? false,
				options: {
					...Object.fromEntries(
						(['consoleSocket', 'pidfdSocket', 'pidFile'] as const).flatMap(key =>
							flags[key] ? [[key, resolve(flags[key])]] : [],
						),
					),
					preserveFds: readPreserveFds(flags.preserveFds),
					detach: flags.detach ?? false,
					ignorePaused: flags.ignorePaused ?? false,
					cgroup: flags.cgroup,
				},
				reporter: isDocker ? [...thisProgram(), 'report-failure'] : reporterOf(command),
				log: await logOf(command, 'joined'),
			};
			try {
				execInContainer(request);
			} catch (error) {
				if (!isDocker) throw error;
				process.exitCode = reportError(error);
			}
		});
}

function processOf(flags: ExecOpts, args: readonly string[]): ExecRequest['process'] {
	const { process: file, cwd = flags.workdir, user, apparmor, processLabel, env, envFile, additionalGids, cap } = flags;
	if (file !== undefined) {
		if (args.length > 0) {
			throw new TsrunError('TSRUN_USAGE', 'exec: takes either a command or --process');
		}
		return { file: resolve(file) };
	}
	return {
		args,
		flags: {
			env: [...envFile.flatMap(readEnvFile), ...env.map(text => parseEnv(text, process.env))],
			additionalGids,
			cap,
			tty: flags.tty ?? false,
			noNewPrivs: !flags.newPrivs,
			privileged: flags.privileged ?? false,
			...(cwd === undefined ? {} : { cwd }),
			...(user === undefined ? {} : { user }),
			...(apparmor === undefined ? {} : { apparmor }),
			...(processLabel === undefined ? {} : { processLabel }),
		},
	};
}

function readEnvFile(file: string): readonly string[] {
	try {
		return parseEnvFile(file, readFileSync(file, 'utf8'), process.env);
	} catch (cause) {
		if (cause instanceof TsrunError) throw cause;
		throw badFlag('--env-file', file, { problem: `cannot be read: ${systemWords(cause) ?? (cause as Error).message}` });
	}
}
