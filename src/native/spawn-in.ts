import { closeSync, readSync } from 'node:fs';
import type { Path } from './addon.ts';
import { call, cloneCalling, type NamedCall } from './call.ts';
import { checkArgv, checkNumber, checkOptionalText, checkText, environment } from './check-argument.ts';
import { memfdCreate } from './file-calls.ts';
import * as flagsOf from './flags.ts';
import { pathWord } from './path-word.ts';
import { perform } from './perform.ts';
import { defaultSignals, signalMask, waitingStream } from './plain-process.ts';
import type { Environment } from './process-calls.ts';
import { type CallArguments, SystemError } from './system-error.ts';
import { waitPid } from './wait-pid.ts';

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
const EINVAL = 22;
const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;
const F_DUPFD_CLOEXEC = 1030;

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
	const program: NamedCall = ['execve', pathWord(path), argv.map(pathWord), environment('spawnIn', env)];
	const enter: readonly NamedCall[] = cwd === undefined ? [] : [['chdir', pathWord(cwd)]];
	return spawn(flags, { stdio, last: [...enter, signalMask('none').make, program] }, { flags, path, argv, cwd, stdio });
}

export interface SpawnProgram {
	/** The program; PATH is not searched. */
	readonly path: Path;
	readonly argv: readonly Path[];
	readonly env: Environment;
	/** What become its descriptors, from 0 on. */
	readonly descriptors: readonly number[];
	/** In a session of its own: no signal of the terminal reaches it (setsid(2)). */
	readonly newSession?: boolean;
}

/**
 * A child process with as many descriptors as are wanted, for {@link waitPid}; otherwise as {@link spawnIn}.
 * @throws SystemError of the call that failed
 */
export function spawnProgram({ path, argv, env, descriptors, newSession = false }: SpawnProgram): number {
	const program: NamedCall = ['execve', pathWord(path), argv.map(pathWord), environment('spawnProgram', env)];
	const session: readonly NamedCall[] = newSession ? [['setsid']] : [];
	const last = [...session, signalMask('none').make, program];
	return spawn(0, { stdio: descriptors, last }, { path, argv, descriptors });
}

interface Child {
	readonly stdio: readonly number[];
	/** What it does when its streams are connected. */
	readonly last: readonly NamedCall[];
}

function spawn(flags: number, { stdio, last }: Child, args: CallArguments): number {
	const open = [memfdCreate('report')];
	try {
		// Copied first, to numbers that are not wished for: [2, 1, 0] is a legal wish.
		for (const fd of [...open, ...stdio])
			open.push(perform(call('fcntl', fd, F_DUPFD_CLOEXEC, stdio.length), 'dup2', args));
		const [, report = -1, ...copies] = open;
		const calls: readonly NamedCall[] = [
			...defaultSignals().map(({ make }) => make),
			...copies.map((copy, fd) => ['dup3', copy, fd, 0] as const),
			...copies
				.slice(0, 3)
				.flatMap(waitingStream)
				.map(({ make }) => make),
			...last,
		];
		const pid = perform(cloneWithoutSignals(flags, calls, report), 'clone', args);
		const failure = failureIn(report);
		if (failure === undefined) return pid;
		waitPid(pid);
		throw new SystemError(failure.errno, calls[failure.index]?.[0] ?? 'clone', args);
	} finally {
		for (const fd of open) closeSync(fd);
	}
}

/**
 * With CLONE_VFORK this thread goes on when the child has become the program, or has ended; until then it lends its memory, since to copy
 * the page tables of an engine takes milliseconds.
 */
function cloneWithoutSignals(flags: number, calls: readonly NamedCall[], report: number): number {
	const { make, undo } = signalMask('all');
	call(...make);
	try {
		const pid = cloneCalling(flags | CLONE_VFORK | CLONE_VM, calls, report);
		// before Linux 6.1 there is no lending to a child that goes into another time namespace
		return pid === -EINVAL ? cloneCalling(flags | CLONE_VFORK, calls, report) : pid;
	} finally {
		call(...undo);
	}
}

/** What the child wrote before it ended: the place of the call that failed, and its errno. */
function failureIn(report: number): { readonly index: number; readonly errno: number } | undefined {
	const failure = new Int32Array(2);
	if (readSync(report, failure, 0, failure.byteLength, 0) === 0) return undefined;
	const [index = 0, errno = 0] = failure;
	return { index, errno };
}
