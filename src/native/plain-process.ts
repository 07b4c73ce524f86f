import { readFileSync } from 'node:fs';
import type { Word } from './addon.ts';
import { call, type NamedCall } from './call.ts';
import { O_NONBLOCK } from './flags.ts';

/** A call that makes a process more like the one that a new program expects, and the call that takes it back. */
export interface Change {
	readonly make: NamedCall;
	readonly undo: NamedCall;
}

const LAST_SIGNAL = 64;
const ANY_SIGNAL = 2n ** 64n - 1n;
const SIG_IGN = 1;
const SIG_SETMASK = 2;
/** Bytes of a set of signals. */
const SET_SIZE = 8;
const NO_SIGNALS = new Uint8Array(SET_SIZE);
const ALL_SIGNALS = new Uint8Array(SET_SIZE).fill(0xff);
/** The kernel's struct sigaction: handler, flags, restorer and mask, of 64 bits each. All zero it is SIG_DFL. */
const ACTION_WORDS = 8;
const DEFAULT_ACTION = new Uint32Array(ACTION_WORDS);

/** Signals that are ignored here would be in the next program too; handlers the kernel takes away by itself. */
export function defaultSignals(): readonly Change[] {
	const changes: Change[] = [];
	const action = new Uint32Array(ACTION_WORDS);
	const set = (signal: number, to: Word): NamedCall => ['rt_sigaction', signal, to, undefined, SET_SIZE];
	const ignored = ignoredSignals();
	for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
		if (((ignored >> BigInt(signal - 1)) & 1n) === 0n) continue;
		call('rt_sigaction', signal, undefined, action, SET_SIZE);
		if (action[0] !== SIG_IGN || action[1] !== 0) continue;
		changes.push({ make: set(signal, DEFAULT_ACTION), undo: set(signal, action.slice()) });
	}
	return changes;
}

/** A bit for each signal that may be ignored here: one read instead of 64 calls, where /proc is mounted. */
function ignoredSignals(): bigint {
	try {
		const hex = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
		return hex === undefined ? ANY_SIGNAL : BigInt(`0x${hex}`);
	} catch {
		return ANY_SIGNAL;
	}
}

/** Which signals this thread blocks. */
export function signalMask(which: 'none' | 'all'): Change {
	const mask = new Uint8Array(SET_SIZE);
	call('rt_sigprocmask', SIG_SETMASK, undefined, mask, SET_SIZE);
	const set = (to: Word): NamedCall => ['rt_sigprocmask', SIG_SETMASK, to, undefined, SET_SIZE];
	return { make: set(which === 'all' ? ALL_SIGNALS : NO_SIGNALS), undo: set(mask) };
}

const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;

/** Node closes the standard streams on exec. */
export function inheritedStream(fd: number): readonly Change[] {
	const flags = call('fcntl', fd, F_GETFD);
	return flags < 0 ? [] : [{ make: ['fcntl', fd, F_SETFD, 0], undo: ['fcntl', fd, F_SETFD, flags] }];
}

/** Node may have made a stream non-blocking, which all who have it open see. */
export function waitingStream(fd: number): readonly Change[] {
	const flags = call('fcntl', fd, F_GETFL);
	if (flags < 0 || (flags & O_NONBLOCK) === 0) return [];
	return [{ make: ['fcntl', fd, F_SETFL, flags & ~O_NONBLOCK], undo: ['fcntl', fd, F_SETFL, flags] }];
}
