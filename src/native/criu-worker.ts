import { closeSync, writeSync } from 'node:fs';
import { CRIU_TYPES, decodeCriuResponse, encodeCriuRequest } from '../plan/criu/criu-message.ts';
import type { CriuRequest, CriuResponse } from '../plan/criu/criu-request.ts';
import type { Path } from './addon.ts';
import { recvDescriptors } from './descriptor-calls.ts';
import { SOCK_CLOEXEC, SOCK_SEQPACKET } from './flags.ts';
import { socketpair } from './socket-calls.ts';
import { spawnProgram } from './spawn-in.ts';
import { type ProcessEnd, waitPid } from './wait-pid.ts';

/** The worker finds its socket here. */
const SOCKET_FD = 3;
const LONGEST_ANSWER = 1 << 16;
const HUNG_UP = ['EPIPE', 'ECONNRESET'];

export interface CriuWorker {
	/** Of CRIU's program; PATH is not searched. */
	readonly path: Path;
	readonly env: Readonly<Record<string, string>>;
	/** Its descriptors from 4 on. */
	readonly descriptors: readonly number[];
}

/** What CRIU tells of while it works; it waits until this returns. */
export interface CriuNotice {
	readonly script: string;
	/** Of the process that this is about, 0 for none. */
	readonly pid: number;
	/** Closed when this returns. */
	readonly descriptors: readonly number[];
}

export interface CriuTalk {
	/** CRIU is there, and waits for this. @param pid of CRIU */
	readonly request: (pid: number) => CriuRequest;
	/** CRIU gives up where this throws. */
	readonly notice: (notice: CriuNotice) => void;
}

export interface CriuResult {
	/** Absent where CRIU ended before it had answered. */
	readonly response?: CriuResponse;
	readonly end: ProcessEnd;
}

/**
 * One request to `criu swrk`, a CRIU that serves a socket and is a child of this process. One message is one packet of the socket:
 *
 *     tsrun                            criu swrk 3
 *       ── dump | pre-dump | restore ──▶
 *       ◀── notify: script, pid ────────   (a descriptor with it: the master of a terminal)
 *       ── notify: success ────────────▶   …as often as CRIU likes
 *       ◀── dump | pre-dump | restore ──   success, errno, pid
 *
 * Waits to the end of CRIU, and this thread with it.
 * @throws what `request` or `notice` threw; SystemError
 */
export function askCriu({ path, env, descriptors }: CriuWorker, talk: CriuTalk): CriuResult {
	const [ours, theirs] = socketpair(SOCK_SEQPACKET | SOCK_CLOEXEC);
	let pid: number;
	try {
		const words = ['criu', 'swrk', String(SOCKET_FD)];
		pid = spawnProgram({ path, argv: words, env, descriptors: [0, 1, 2, theirs, ...descriptors] });
	} catch (error) {
		closeSync(ours);
		throw error;
	} finally {
		// With its last other end gone, a CRIU that dies is the end of the stream.
		closeSync(theirs);
	}
	let response: CriuResponse | undefined;
	let end: ProcessEnd;
	try {
		send(ours, talk.request(pid));
		response = converse(ours, talk.notice);
	} finally {
		closeSync(ours);
		end = waitPid(pid);
	}
	return response === undefined ? { end } : { response, end };
}

/** @returns undefined where CRIU hung up */
function converse(socket: number, notice: CriuTalk['notice']): CriuResponse | undefined {
	let failure: { readonly error: unknown } | undefined;
	let response: CriuResponse | undefined;
	do {
		response = receive(socket, ({ notify = { script: '', pid: 0 } }, descriptors) => {
			try {
				notice({ ...notify, descriptors });
			} catch (error) {
				failure ??= { error };
			}
			send(socket, { type: 'notify', notifySuccess: failure === undefined });
		});
	} while (response?.type === CRIU_TYPES.notify);
	if (failure !== undefined) throw failure.error;
	return response;
}

function receive(
	socket: number,
	answer: (response: CriuResponse, descriptors: readonly number[]) => void,
): CriuResponse | undefined {
	const message = unlessHungUp(() => recvDescriptors(socket, LONGEST_ANSWER));
	if (message === undefined || message.data.length === 0) return undefined;
	try {
		const response = decodeCriuResponse(message.data);
		if (response.type === CRIU_TYPES.notify) answer(response, message.descriptors);
		return response;
	} finally {
		for (const fd of message.descriptors) closeSync(fd);
	}
}

function send(socket: number, request: CriuRequest): void {
	unlessHungUp(() => writeSync(socket, encodeCriuRequest(request)));
}

function unlessHungUp<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch (error) {
		if (HUNG_UP.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}
