import { constants } from 'node:os';
import { call } from './call.ts';
import { checkPid } from './check-argument.ts';
import { perform } from './perform.ts';

/** How a process ended: by itself, or by a signal. */
export interface ProcessEnd {
	readonly exitCode: number | null;
	/** `SIGKILL`; a real-time signal is `SIG` and its number. */
	readonly signal: string | null;
}

const WNOHANG = 1;
const EINTR = 4;

/** waitpid(2): waits until a child has ended, and blocks this thread meanwhile. ECHILD where it is not a child of this process. */
export function waitPid(pid: number): ProcessEnd {
	checkPid('waitPid', pid);
	return collect(pid, 0) as ProcessEnd;
}

/** waitpid(2) with WNOHANG: how a child ended, or undefined while it runs. */
export function pollPid(pid: number): ProcessEnd | undefined {
	checkPid('pollPid', pid);
	return collect(pid, WNOHANG);
}

function collect(pid: number, options: number): ProcessEnd | undefined {
	const status = new Int32Array(1);
	let ended: number;
	do ended = call('wait4', pid, status, options);
	while (ended === -EINTR);
	if (perform(ended, 'waitpid', { pid }) === 0) return undefined;
	const [word = 0] = status;
	const signal = word & 0x7f;
	return signal === 0 ? { exitCode: (word >> 8) & 0xff, signal: null } : { exitCode: null, signal: signalName(signal) };
}

function signalName(signal: number): string {
	return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `SIG${signal}`;
}
