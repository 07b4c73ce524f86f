import { writeSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import type { StepTimes } from '../plan/step-times.ts';

/** Size of the progress file (native/plan.h, struct progress). */
export const PROGRESS_SIZE = 360;
/** `TSRS`. */
const MAGIC = 0x5352_5354;
const VERSION = 4;

/** Of one step, behind the progress (struct timing). */
const TIMING_SIZE = 24;

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
	/** How its output began, both streams. */
	readonly hookOutput?: string;
	/** Why the newest output is not in the log yet, and the container waits for it: an errno. */
	readonly logErrno?: number;
	/** The kernel killed a process at the limit of memory; known once the cgroup is removed. */
	readonly oomKilled?: true;
}

const EXIT_CODE_OFFSET = 40;
const TORN_DOWN_OFFSET = 64;
const HOOK_OUTPUT_OFFSET = 96;
const LOG_ERRNO_OFFSET = 352;
const HAS_NOTICED_OFFSET = 356;
const LISTS = ['setup', 'init', 'teardown'] as const;

/**
 * The file of a container that has not begun.
 * @param init the process that hooks are told of
 * @param timed how many steps the plan has, if their times are to be noted
 */
export function emptyProgress(init = 0, timed = 0): Uint8Array {
	const view = new DataView(new ArrayBuffer(PROGRESS_SIZE + timed * TIMING_SIZE));
	view.setUint32(0, MAGIC, true);
	view.setUint32(4, VERSION, true);
	view.setInt32(12, init, true);
	view.setInt32(28, -1, true);
	view.setInt32(EXIT_CODE_OFFSET, -1, true);
	return new Uint8Array(view.buffer);
}

/**
 * @returns undefined where the file is not whole: its container is being removed
 * @throws TsrunError TSRUN_STATE_VERSION
 */
export function decodeProgress(bytes: Uint8Array): Progress | undefined {
	if (bytes.length < PROGRESS_SIZE || (bytes.length - PROGRESS_SIZE) % TIMING_SIZE !== 0) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) {
		throw new TsrunError('TSRUN_STATE_VERSION', 'the progress file of a container is from another version of tsrun', {
			hint: 'end and remove the container with the version that made it',
		});
	}
	const failedList = LISTS[view.getInt32(28, true)];
	const exitCode = view.getInt32(EXIT_CODE_OFFSET, true);
	const exitSignal = view.getInt32(44, true);
	const logErrno = view.getUint32(LOG_ERRNO_OFFSET, true);
	const [started = 0n, finished = 0n, tornDown = 0n, initStart = 0n, hookStatus = 0n, created = 0n] = [
		48,
		56,
		TORN_DOWN_OFFSET,
		72,
		80,
		88,
	].map(offset => view.getBigUint64(offset, true));
	return {
		supervisor: view.getInt32(8, true),
		init: view.getInt32(12, true),
		begun: { setup: view.getUint32(16, true), init: view.getUint32(20, true), teardown: view.getUint32(24, true) },
		...(failedList === undefined
			? {}
			: { failed: { list: failedList, step: view.getUint32(32, true), errno: view.getInt32(36, true) } }),
		...(exitCode < 0 ? {} : { exitCode }),
		...(exitSignal === 0 ? {} : { exitSignal }),
		...(started === 0n ? {} : { started }),
		...(finished === 0n ? {} : { finished }),
		...(tornDown === 0n ? {} : { tornDown }),
		...(initStart === 0n ? {} : { initStart }),
		...(created === 0n ? {} : { created }),
		...(hookStatus === 0n
			? {}
			: { hookStatus: Number(hookStatus), hookOutput: textFrom(bytes.subarray(HOOK_OUTPUT_OFFSET, LOG_ERRNO_OFFSET)) }),
		...(logErrno === 0 ? {} : { logErrno }),
		...(view.getUint32(HAS_NOTICED_OFFSET, true) === 0 ? {} : { oomKilled: true }),
	};
}

/** Of each step in the order of the plan's lists, setup first; undefined for those that were not carried out. */
export function decodeTimes(bytes: Uint8Array): readonly (StepTimes | undefined)[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const count = Math.floor((bytes.length - PROGRESS_SIZE) / TIMING_SIZE);
	return Array.from({ length: count }, (_, step) => {
		const [began = 0n, ended = 0n, errno = 0n] = [0, 8, 16].map(offset =>
			view.getBigUint64(PROGRESS_SIZE + step * TIMING_SIZE + offset, true),
		);
		if (began === 0n) return undefined;
		return { began, ...(ended === 0n ? {} : { ended }), ...(errno === 0n ? {} : { errno: Number(errno) }) };
	});
}

/** Up to the first NUL. */
function textFrom(bytes: Uint8Array): string {
	const end = bytes.indexOf(0);
	return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** How many steps a plan has. */
export type StepCounts = Pick<Progress['begun'], 'setup' | 'init'>;

/** Notes a container whose processes another program will make: all its steps count as begun, so that teardown undoes each. */
export function noteRestoring(progressFd: number, steps: StepCounts): void {
	const bytes = Buffer.alloc(8);
	bytes.writeUInt32LE(steps.setup, 0);
	bytes.writeUInt32LE(steps.init, 4);
	writeSync(progressFd, bytes, 0, bytes.length, 16);
}

export interface Restored {
	readonly init: number;
	/** In clock ticks since boot. */
	readonly initStart: bigint;
	/** In nanoseconds since the epoch. */
	readonly now: bigint;
}

/** Notes the process that has come of {@link noteRestoring}. */
export function noteRestored(progressFd: number, steps: StepCounts, { init, initStart, now }: Restored): void {
	const bytes = Buffer.from(emptyProgress(init));
	bytes.writeUInt32LE(steps.setup, 16);
	bytes.writeUInt32LE(steps.init, 20);
	bytes.writeBigUInt64LE(now, 48);
	bytes.writeBigUInt64LE(initStart, 72);
	writeSync(progressFd, bytes, 0, bytes.length, 0);
}

/** Notes a container that is only made: there is nothing to tear down. @param now in nanoseconds since the epoch */
export function noteNeverStarted(progressFd: number, now: bigint): void {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(now);
	writeSync(progressFd, bytes, 0, bytes.length, TORN_DOWN_OFFSET);
}

/** Whether that is noted, and nothing else. */
export const isNeverStarted = ({ begun, started, tornDown }: Progress): boolean =>
	begun.setup === 0 && started === undefined && tornDown !== undefined;

/** Notes the exit code of a container whose program never ran. */
export function noteExitCode(progressFd: number, exitCode: number): void {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32LE(exitCode);
	writeSync(progressFd, bytes, 0, bytes.length, EXIT_CODE_OFFSET);
}
