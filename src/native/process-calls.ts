import { constants } from 'node:os';
import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkArgv, checkNumber, checkPid, checkText, environment } from './check-argument.ts';
import { pathWord } from './path-word.ts';
import { perform } from './perform.ts';
import { defaultSignals, inheritedStream, signalMask, waitingStream } from './plain-process.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * execve(2): this process becomes another program; returns only by an error. Signals that Node ignores go back to their
 * default, all are unblocked, the standard streams wait again (no O_NONBLOCK), and descriptors with O_CLOEXEC close, which
 * are all that Node opened. `/proc/self/fd/<n>` executes a descriptor.
 */
export function execve(path: Path, argv: readonly Path[], env: Environment = process.env): never {
	checkText('execve', 'path', path);
	checkArgv('execve', argv);
	const words = [pathWord(path), argv.map(pathWord), environment('execve', env)];
	const streams = [0, 1, 2].flatMap(fd => [...inheritedStream(fd), ...waitingStream(fd)]);
	const changes = [...streams, ...defaultSignals(), signalMask('none')];
	for (const { make } of changes) call(...make);
	const result = call('execve', ...words);
	for (const { undo } of changes.reverse()) call(...undo);
	perform(result, 'execve', { path, argv });
	throw new Error('execve returned');
}

/** prctl(2), of the main thread. @param args numbers, or first a string (PR_SET_NAME). @returns what the option returns */
export function prctl(option: number, ...args: readonly [arg2?: number | string, ...rest: number[]]): number {
	const [arg2 = 0, arg3 = 0, arg4 = 0, arg5 = 0] = args;
	checkNumber('prctl', 'option', option);
	if (typeof arg2 === 'string') checkText('prctl', 'arg2', arg2);
	return perform(call('prctl', option, arg2, arg3, arg4, arg5), 'prctl', { option, args });
}

/** Sets of capabilities: bit n is capability n, as in `1n << BigInt(CAP_SYS_ADMIN)`. */
export interface CapabilitySets {
	readonly effective: bigint;
	readonly permitted: bigint;
	readonly inheritable: bigint;
}

/** _LINUX_CAPABILITY_VERSION_3: two words of 32 bits for each set. */
const CAPABILITY_VERSION = 0x20080522;
const capabilityHeader = (pid: number): Uint32Array => Uint32Array.of(CAPABILITY_VERSION, pid);

/** capget(2). @param pid a thread; 0 is the main thread of this process */
export function capget(pid = 0): CapabilitySets {
	checkNumber('capget', 'pid', pid);
	const words = new Uint32Array(6);
	perform(call('capget', capabilityHeader(pid), words), 'capget', { pid });
	const set = (index: number) => BigInt(words[index] ?? 0) | (BigInt(words[index + 3] ?? 0) << 32n);
	return { effective: set(0), permitted: set(1), inheritable: set(2) };
}

/** capset(2), of the main thread; Node's other threads keep theirs. */
export function capset(sets: CapabilitySets): void {
	const all = [sets.effective, sets.permitted, sets.inheritable];
	for (const set of all)
		if (typeof set !== 'bigint') throw new TypeError('capset: effective, permitted and inheritable must be bigint');
	const words = Uint32Array.from([...all, ...all.map(set => set >> 32n)], set => Number(BigInt.asUintN(32, set)));
	perform(call('capset', capabilityHeader(0), words), 'capset', { ...sets });
}

/** pidfd_open(2). @param flags PIDFD_NONBLOCK. @returns a descriptor that stands for the process, also when its number is used again */
export function pidfdOpen(pid: number, flags = 0): number {
	checkPid('pidfdOpen', pid);
	checkNumber('pidfdOpen', 'flags', flags);
	return perform(call('pidfd_open', pid, flags), 'pidfd_open', { pid, flags });
}

/** pidfd_getfd(2), Linux 5.6. @returns a descriptor of this process for what the other has under this number */
export function pidfdGetfd(pidfd: number, fd: number): number {
	checkNumber('pidfdGetfd', 'pidfd', pidfd);
	checkNumber('pidfdGetfd', 'fd', fd);
	return perform(call('pidfd_getfd', pidfd, fd, 0), 'pidfd_getfd', { pidfd, fd });
}

/** pidfd_send_signal(2). @param signal a name, or a number; 0 only asks whether the process is there */
export function pidfdSendSignal(pidfd: number, signal: NodeJS.Signals | number): void {
	const number = typeof signal === 'string' ? constants.signals[signal] : signal;
	checkNumber('pidfdSendSignal', 'pidfd', pidfd);
	checkNumber('pidfdSendSignal', 'signal', number);
	perform(call('pidfd_send_signal', pidfd, number), 'pidfd_send_signal', { pidfd, signal });
}
