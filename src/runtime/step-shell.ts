import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { takeTerminal } from '../native/take-terminal.ts';

/** Options of nsenter(1) by the name in /proc/<pid>/ns. */
const ENTER: Readonly<Record<string, string>> = {
	user: '--user',
	cgroup: '--cgroup',
	ipc: '--ipc',
	mnt: '--mount',
	net: '--net',
	pid: '--pid',
	time: '--time',
	uts: '--uts',
};
const SEARCHED = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ShellRequest {
	/** Of `sh -c`; undefined: a shell that reads standard input. */
	readonly command: string | undefined;
	/** Whether standard input is a terminal. In a pipe it is for the commands that come next, so a command gets none of it. */
	readonly isTerminal: boolean;
	/** Variables that the shell finds besides. */
	readonly env: Readonly<Record<string, string>>;
	/** Told the process at its start. */
	readonly onStart: (child: ChildProcess) => void;
}

/**
 * A shell in those namespaces of a process that it does not share with this one, at its root and working directory: /bin/sh of whatever
 * its root is at that moment. Its privileges are root's, not those of the container.
 * @returns the exit code; 128 + n where signal n ended it
 * @throws TsrunError TSRUN_NO_SHELL
 */
export function shellInside(pid: number, request: ShellRequest): Promise<number> {
	const namespaces = Object.entries(ENTER).flatMap(([name, option]) => (isForeign(pid, name) ? [option] : []));
	const words = ['--target', String(pid), ...namespaces, '--root', '--wd', ...credentials(pid, namespaces)];
	const { TERM = 'dumb' } = process.env;
	const env = { PATH: SEARCHED, HOME: '/', TERM, PS1: '(container) \\w # ', ...request.env };
	return runShell('nsenter', [...words, '--', '/bin/sh'], { ...request, env });
}

/** A shell beside it. */
export function shellBeside(request: ShellRequest): Promise<number> {
	const { SHELL = '/bin/sh' } = process.env;
	return runShell(request.command === undefined ? SHELL : '/bin/sh', [], {
		...request,
		env: { ...(process.env as Record<string, string>), ...request.env },
	});
}

function isForeign(pid: number, namespace: string): boolean {
	try {
		return readlinkSync(`/proc/${pid}/ns/${namespace}`) !== readlinkSync(`/proc/self/ns/${namespace}`);
	} catch {
		return false;
	}
}

/** Where no id is mapped yet nobody can become root of the user namespace. */
function credentials(pid: number, namespaces: readonly string[]): readonly string[] {
	const isUnmapped = namespaces.includes('--user') && readFileSync(`/proc/${pid}/uid_map`, 'latin1') === '';
	return isUnmapped ? ['--preserve-credentials'] : [];
}

/** Its output goes where the stops are shown: standard output is the container's. */
async function runShell(program: string, words: readonly string[], request: ShellRequest): Promise<number> {
	const { command, isTerminal, env, onStart } = request;
	const child = spawn(program, [...words, ...(command === undefined ? [] : ['-c', command])], {
		env,
		stdio: [command !== undefined && !isTerminal ? 'ignore' : 0, 2, 2],
	});
	onStart(child);
	try {
		return await new Promise((resolve, reject) => {
			child.once('error', cause => reject(cannotStart(program, cause)));
			child.once('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 0)));
		});
	} finally {
		if (isTerminal) takeTerminal(0);
	}
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

function cannotStart(program: string, cause: Error): TsrunError {
	return new TsrunError('TSRUN_NO_SHELL', `cannot start ${program}: ${cause.message}`, {
		cause,
		...(program === 'nsenter' ? { hint: 'nsenter is a program of util-linux' } : {}),
	});
}
