import type { Path } from './addon.ts';
import { checkArgv, checkNumber, checkOptionalText, checkText, environment } from './check-argument.ts';
import * as flagsOf from './flags.ts';
import { addon } from './load-addon.ts';
import { perform } from './perform.ts';
import type { Environment } from './process-calls.ts';

export interface SpawnIn {
	/** CLONE_NEW*: the namespaces that the child is the first process of; 0 or none for none. */
	readonly flags?: number;
	/** The program; PATH is not searched. */
	readonly path: Path;
	/** What the program sees as its arguments, its own name first. */
	readonly argv: readonly Path[];
	/** process.env unless told. */
	readonly env?: Environment;
	readonly cwd?: Path;
	/** The descriptors that become 0, 1 and 2; this process's own unless told. */
	readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
}

const NAMESPACES =
	flagsOf.CLONE_NEWNS |
	flagsOf.CLONE_NEWCGROUP |
	flagsOf.CLONE_NEWUTS |
	flagsOf.CLONE_NEWIPC |
	flagsOf.CLONE_NEWUSER |
	flagsOf.CLONE_NEWPID |
	flagsOf.CLONE_NEWNET;
const STAGES = ['clone', 'dup2', 'chdir', 'execve'];

/**
 * clone(2) with namespace flags, then execve(2) in the child. Signals are as a new program expects them, and of the
 * descriptors only the three of `stdio` and those without O_CLOEXEC go along. With CLONE_NEWUSER the program starts before
 * anyone can write its uid_map: a program whose uid is not mapped has no capabilities after execve.
 * @returns the pid, as this process sees it; for {@link waitPid}, because node:child_process does not know the child
 * @throws SystemError of the call that failed: clone, dup2, chdir or execve
 */
export function spawnIn({ flags = 0, path, argv, env = process.env, cwd, stdio = [0, 1, 2] }: SpawnIn): number {
	checkNumber('spawnIn', 'flags', flags);
	if ((flags & ~NAMESPACES) !== 0)
		throw new TypeError(`spawnIn: flags must be of CLONE_NEW*, got 0x${flags.toString(16)}`);
	checkText('spawnIn', 'path', path);
	checkArgv('spawnIn', argv);
	checkOptionalText('spawnIn', 'cwd', cwd);
	for (const index of [0, 1, 2] as const) checkNumber('spawnIn', `stdio[${index}]`, stdio[index]);
	const variables = environment('spawnIn', env);
	const failedStage = new Int32Array(1);
	const pid = addon().spawn(flags, path, argv, variables, cwd, stdio[0], stdio[1], stdio[2], failedStage);
	return perform(pid, STAGES[failedStage[0] ?? 0] ?? 'clone', { flags, path, argv, cwd, stdio });
}
