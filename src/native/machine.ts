import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readSync, writeSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { initProgramPath } from './load-addon.ts';
import { openPipe } from './open-pipe.ts';
import { above, placeDescriptors } from './place-descriptors.ts';
import { pidfdOpen } from './process-calls.ts';
import { decodeProgress, emptyProgress, PROGRESS_SIZE, type Progress } from './progress.ts';
import { spawnIn, spawnProgram } from './spawn-in.ts';
import { addSeals, execve, MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, memfdCreate, setCloexec } from './syscalls.ts';
import { type ProcessEnd, waitPid } from './wait-pid.ts';
import { waitReadable } from './wait-readable.ts';

/** Nothing of the machine reads it, and under `--init` the container can read what it is given: /proc/1/environ. */
const NO_ENVIRONMENT: Readonly<Record<string, string>> = {};

/** A plan ready to be handed to tsrun-init, and the locked progress file of its container. */
export interface MachineInput {
	/** Wire form of the plan. */
	readonly plan: Uint8Array;
	/** Descriptor of the progress file; its lock travels with it. */
	readonly progressFd: number;
	/** How many descriptors of the caller, from 3 on, the container's program gets; none unless told. */
	readonly preserveFds?: number;
	/** Descriptors that the supervisor keeps open to its end, such as sockets; only where nothing is preserved for the program. */
	readonly held?: readonly number[];
}

/** Copies bytes into an anonymous file that nobody can write again (memfd_create(2), F_ADD_SEALS). */
export function sealedMemfd(name: string, bytes: Uint8Array): number {
	const fd = executableMemfd(name);
	for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
	addSeals(fd);
	return fd;
}

/** The machine, sealed; the kernel copies it from file to file. */
function sealedProgram(): number {
	const fd = executableMemfd('tsrun-init');
	copyFileSync(initProgramPath(), `/proc/self/fd/${fd}`);
	addSeals(fd);
	return fd;
}

/** Nobody can change it: one copy serves all machines of this process, and its pages are in memory once. */
let sharedProgram: number | undefined;

/** Where the administrator forbids executable memfds unless asked for (sysctl vm.memfd_noexec), it is asked for; Linux 6.3. */
function executableMemfd(name: string): number {
	const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	try {
		return memfdCreate(name, flags | MFD_EXEC);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
		return memfdCreate(name, flags);
	}
}

/**
 * Replaces this process by tsrun-init executing the plan; returns only by an error. The program runs from a sealed copy: what a
 * container finds at /proc/1/exe, before its own program runs, is no file of the host (CVE-2019-5736).
 */
export function becomeMachine({ plan, progressFd, preserveFds = 0, held = [] }: MachineInput): never {
	const kept = preserveFds + held.length;
	const [program = -1, planFd = -1, ownProgress = -1, ...sockets] = above(3 + kept, [
		sealedProgram(),
		sealedMemfd('tsrun-plan', plan),
		progressFd,
		...held,
	]);
	setCloexec(planFd, false);
	setCloexec(ownProgress, false);
	for (let fd = 3; fd < 3 + preserveFds; fd++) setCloexec(fd, false);
	placeDescriptors(3 + preserveFds, sockets);
	const words = ['run', planFd, ownProgress, kept].map(String);
	execve(`/proc/self/fd/${program}`, ['tsrun-init', ...words], NO_ENVIRONMENT);
	throw new Error('execve returned');
}

/**
 * Runs the plan in a child process, for callers that go on living; resolves with the exit code of tsrun-init.
 * @param onStart is told its pid
 */
export function spawnMachine(
	{ plan, progressFd, held = [] }: MachineInput,
	stdio: readonly [number, number, number],
	onStart: (pid: number) => void = () => {},
): Promise<number> {
	sharedProgram ??= sealedProgram();
	const planFd = sealedMemfd('tsrun-plan', plan);
	const child = spawn(
		`/proc/self/fd/${sharedProgram}`,
		['run', ...[3, 4, 0].map(number => String(number + held.length))],
		{
			argv0: 'tsrun-init',
			env: NO_ENVIRONMENT,
			stdio: [...stdio, ...held, planFd, progressFd],
		},
	);
	closeSync(planFd);
	if (child.pid !== undefined) onStart(child.pid);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			if (code === null) reject(supervisorKilled(signal));
			else resolve(code);
		});
	});
}

/**
 * Runs a plan that has nothing but setup steps, such as hooks.
 * @param init the process that hooks are told of
 */
export function runSetup(plan: Uint8Array, init: number): Progress {
	const planFd = sealedMemfd('tsrun-plan', plan);
	const progressFd = memfdCreate('tsrun-progress', MFD_CLOEXEC);
	try {
		writeSync(progressFd, emptyProgress(init));
		const bytes = new Uint8Array(PROGRESS_SIZE);
		runMachine('run', planFd, progressFd);
		readSync(progressFd, bytes, 0, PROGRESS_SIZE, 0);
		const progress = decodeProgress(bytes);
		if (progress === undefined) throw new Error('the progress file is not whole');
		return progress;
	} finally {
		closeSync(planFd);
		closeSync(progressFd);
	}
}

/**
 * Runs only the teardown of a plan whose supervisor is gone. Idempotent.
 * @throws TsrunError TSRUN_TEARDOWN_FAILED; the progress file tells the step
 */
export function runTeardown({ plan, progressFd }: MachineInput): void {
	const planFd = sealedMemfd('tsrun-plan', plan);
	try {
		if (runMachine('teardown', planFd, progressFd) !== 0)
			throw new TsrunError('TSRUN_TEARDOWN_FAILED', 'a step of the teardown failed');
	} finally {
		closeSync(planFd);
	}
}

/**
 * Runs the plan in a session of its own until its program runs (the step `log`), or to its end where it comes to that.
 * @param stdin what its standard input is
 * @returns how it ended; undefined where it goes on
 */
export function launchMachine(machine: MachineInput, stdin: number): ProcessEnd | undefined {
	const [output, input] = openPipe();
	try {
		const pid = startMachine(machine, { stdio: [stdin, input, 2], newSession: true });
		closeSync(input);
		// What words a failure may hold it open, and writes nothing there.
		readSync(output, new Uint8Array(1));
		return hasStarted(machine.progressFd) ? undefined : waitPid(pid);
	} finally {
		closeSync(output);
	}
}

/**
 * As {@link spawnMachine}, for callers that have nothing to do meanwhile but to pass signals on: by waiting in this thread, since to load
 * node:child_process takes a tenth of a run.
 */
export async function attendMachine(
	machine: MachineInput,
	stdio: readonly [number, number, number],
	onStart: (pid: number) => void,
): Promise<number> {
	const pid = startMachine(machine, { stdio, newSession: false });
	onStart(pid);
	const pidfd = pidfdOpen(pid);
	try {
		while (!waitReadable(pidfd, PATIENCE)) await new Promise(resolve => setImmediate(resolve));
	} finally {
		closeSync(pidfd);
	}
	const { exitCode, signal } = waitPid(pid);
	if (exitCode === null) throw supervisorKilled(signal);
	return exitCode;
}

/** Milliseconds that a signal may wait for its handler. */
const PATIENCE = 20;

const supervisorKilled = (signal: string | null): TsrunError =>
	new TsrunError('TSRUN_SUPERVISOR_KILLED', `the supervisor was ended by ${signal}`);

function startMachine(
	{ plan, progressFd, held = [] }: MachineInput,
	{ stdio, newSession }: { readonly stdio: readonly [number, number, number]; readonly newSession: boolean },
): number {
	sharedProgram ??= sealedProgram();
	const planFd = sealedMemfd('tsrun-plan', plan);
	try {
		return spawnProgram({
			path: `/proc/self/fd/${sharedProgram}`,
			argv: ['tsrun-init', 'run', ...[3, 4, 0].map(number => String(number + held.length))],
			env: NO_ENVIRONMENT,
			descriptors: [...stdio, ...held, planFd, progressFd],
			newSession,
		});
	} finally {
		closeSync(planFd);
	}
}

function hasStarted(progressFd: number): boolean {
	const bytes = new Uint8Array(PROGRESS_SIZE);
	readSync(progressFd, bytes, 0, PROGRESS_SIZE, 0);
	return decodeProgress(bytes)?.started !== undefined;
}

/** To its end. Not by node:child_process, which costs a command that runs one teardown a fifth of its time to load. */
function runMachine(mode: 'run' | 'teardown', planFd: number, progressFd: number): number | null {
	const nothing = openSync('/dev/null', 'r+');
	const given = [planFd, progressFd];
	try {
		for (const fd of given) setCloexec(fd, false);
		const argv = ['tsrun-init', mode, ...given.map(String), '0'];
		const pid = spawnIn({ path: initProgramPath(), argv, env: NO_ENVIRONMENT, stdio: [nothing, nothing, 2] });
		return waitPid(pid).exitCode;
	} finally {
		for (const fd of given) setCloexec(fd, true);
		closeSync(nothing);
	}
}
