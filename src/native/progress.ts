import { writeSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';

/** Size of the progress file (native/plan.h, struct progress). */
export const PROGRESS_SIZE = 96;
const MAGIC = 'TSRS';
const VERSION = 2;

/** How far a container has come: written by the machine into a file that it shares with every later tsrun command. */
export interface Progress {
	/** Pid of the supervisor on the host, 0 before it began. */
	readonly supervisor: number;
	/** Pid of init on the host, 0 before the clone. */
	readonly init: number;
	/** How many steps of each list have begun. */
	readonly begun: { readonly setup: number; readonly init: number; readonly teardown: number };
	readonly failed?: { readonly list: 'setup' | 'init' | 'teardown'; readonly step: number; readonly errno: number };
	/** 0–255 once init has ended, 128 + n where signal n ended it. */
	readonly exitCode?: number;
	readonly exitSignal?: number;
	/** Nanoseconds since the epoch. */
	readonly started?: bigint;
	readonly finished?: bigint;
	/** When the whole teardown was done. */
	readonly tornDown?: bigint;
	/** Start time of init, in clock ticks since boot (field 22 of /proc/pid/stat): tells it from a later process of its number. */
	readonly initStart?: bigint;
	/** When init began to wait for its start. */
	readonly created?: bigint;
	/** What wait(2) told of a hook that failed. */
	readonly hookStatus?: number;
}

const EXIT_CODE_OFFSET = 40;
const LISTS = ['setup', 'init', 'teardown'] as const;

/** The file of a container that has not begun. @param init the process that hooks are told of */
export function emptyProgress(init = 0): Uint8Array {
	const buffer = Buffer.alloc(PROGRESS_SIZE);
	buffer.write(MAGIC, 0, 'latin1');
	buffer.writeUInt32LE(VERSION, 4);
	buffer.writeInt32LE(init, 12);
	buffer.writeInt32LE(-1, 28);
	buffer.writeInt32LE(-1, EXIT_CODE_OFFSET);
	return buffer;
}

/**
 * @returns undefined where the file is not whole: its container is being removed
 * @throws TsrunError TSRUN_STATE_VERSION
 */
export function decodeProgress(bytes: Uint8Array): Progress | undefined {
	if (bytes.length !== PROGRESS_SIZE) return undefined;
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (buffer.toString('latin1', 0, 4) !== MAGIC || buffer.readUInt32LE(4) !== VERSION) {
		throw new TsrunError('TSRUN_STATE_VERSION', 'the progress file of a container is from another version of tsrun', {
			hint: 'end and remove the container with the version that made it',
		});
	}
	const failedList = LISTS[buffer.readInt32LE(28)];
	const exitCode = buffer.readInt32LE(EXIT_CODE_OFFSET);
	const exitSignal = buffer.readInt32LE(44);
	const [started = 0n, finished = 0n, tornDown = 0n, initStart = 0n, hookStatus = 0n, created = 0n] = [
		48, 56, 64, 72, 80, 88,
	].map(offset => buffer.readBigUInt64LE(offset));
	return {
		supervisor: buffer.readInt32LE(8),
		init: buffer.readInt32LE(12),
		begun: { setup: buffer.readUInt32LE(16), init: buffer.readUInt32LE(20), teardown: buffer.readUInt32LE(24) },
		...(failedList === undefined
			? {}
			: { failed: { list: failedList, step: buffer.readUInt32LE(32), errno: buffer.readInt32LE(36) } }),
		...(exitCode < 0 ? {} : { exitCode }),
		...(exitSignal === 0 ? {} : { exitSignal }),
		...(started === 0n ? {} : { started }),
		...(finished === 0n ? {} : { finished }),
		...(tornDown === 0n ? {} : { tornDown }),
		...(initStart === 0n ? {} : { initStart }),
		...(created === 0n ? {} : { created }),
		...(hookStatus === 0n ? {} : { hookStatus: Number(hookStatus) }),
	};
}

/** Notes a container whose processes another program has made: all its steps count as done. */
export function noteRestored(progressFd: number, { init, initStart, now, steps }: Restored): void {
	const bytes = Buffer.from(emptyProgress(init));
	bytes.writeUInt32LE(steps.setup, 16);
	bytes.writeUInt32LE(steps.init, 20);
	bytes.writeBigUInt64LE(now, 48);
	bytes.writeBigUInt64LE(initStart, 72);
	writeSync(progressFd, bytes, 0, bytes.length, 0);
}

export interface Restored {
	readonly init: number;
	/** In clock ticks since boot. */
	readonly initStart: bigint;
	/** In nanoseconds since the epoch. */
	readonly now: bigint;
	/** How many the plan has. */
	readonly steps: { readonly setup: number; readonly init: number };
}

/** Notes the exit code of a container whose program never ran. */
export function noteExitCode(progressFd: number, exitCode: number): void {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32LE(exitCode);
	writeSync(progressFd, bytes, 0, bytes.length, EXIT_CODE_OFFSET);
}
