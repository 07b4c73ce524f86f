import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import { decodeProgress, PROGRESS_SIZE, type Progress } from '../../native/progress.ts';
import { findContainer } from '../../state/find-container.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	STDIN_FIFO,
	type StateDirectory,
} from '../../state/state-directory.ts';
import { containerCgroups } from '../oci/container-cgroups.ts';
import { isFrozen } from '../oci/freezer.ts';
import { signalInit } from '../oci/kill-container.ts';
import { type LogPlace, logFiles, openTail } from './log-files.ts';
import type { LogLine } from './log-line.ts';
import { readLog } from './read-log.ts';
import { resizeTerminal } from './resize-terminal.ts';

/**
 * What somebody has of a container who is attached to it. Its output is read from its log, so that nobody holds it up who reads slowly; its
 * input is the fifo that its supervisor reads. Any number may be attached.
 */
export interface Attachment {
	readonly tty: boolean;
	/** What it writes from now on, to its end; over further runs where it is restarted. */
	readonly output: AsyncIterable<LogLine>;
	/** Undefined where it reads no input. @returns how many bytes were taken: fewer where it reads more slowly */
	readonly write: ((bytes: Uint8Array) => number) | undefined;
	readonly resize: (size: { readonly rows: number; readonly columns: number }) => void;
	readonly signal: (signal: number) => void;
	/** Once the output has ended. */
	readonly exitCode: () => number;
}

/** How somebody attaches who does so before the start: nothing is missed then. */
export interface PreparedAttachment {
	readonly record: ContainerRecord;
	readonly log: string;
	readonly places: readonly LogPlace[];
}

/** @throws TsrunError TSRUN_CANNOT_ATTACH */
export function prepareAttachment(record: ContainerRecord): PreparedAttachment {
	const { name, run } = record.state;
	if (run === undefined) throw cannotAttach(name, 'was made from a bundle: its output went to its caller');
	if (run.log === undefined) throw cannotAttach(name, 'keeps no log (--log-driver none)');
	// the supervisor appends to a file that is there
	closeSync(openSync(run.log, 'a', 0o640));
	return { record, log: run.log, places: openTail(run.log, 0) };
}

/** @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_CONTAINER_NOT_RUNNING, TSRUN_CANNOT_ATTACH */
export function attachContainer(directory: StateDirectory, container: string, hasInput: boolean): Attachment {
	const record = readContainer(directory, findContainer(directory, container));
	if (record?.status !== 'running' && record?.status !== 'restarting')
		throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${container} is not running`, {
			hint: `tsrun start -a ${container} runs it and attaches`,
			exitCode: 1,
		});
	requireAttachable(record);
	return attach(directory, prepareAttachment(record), hasInput);
}

/** Of a container that runs. @throws TsrunError TSRUN_CANNOT_ATTACH */
export function requireAttachable(record: ContainerRecord): void {
	const { name, run } = record.state;
	if (run?.detached === false && run.log !== undefined && logFiles(run.log).length === 0)
		throw cannotAttach(name, 'runs in the foreground: its output goes to its caller');
	if (isFrozen(containerCgroups(record))) throw cannotAttach(name, 'is paused', `tsrun unpause ${name} first`);
}

export function attach(
	directory: StateDirectory,
	{ record, log, places }: PreparedAttachment,
	hasInput: boolean,
): Attachment {
	const { id, run } = record.state;
	// held open, it can be read when the container has removed itself
	const progressFd = openSync(join(containerStateDir(directory, id), 'progress'), 'r');
	const tty = run?.tty ?? false;
	return {
		tty,
		output: readLog({ path: log, from: places, follow: { directory, id } }),
		write: hasInput && run?.interactive === true ? inputOf(directory, id) : undefined,
		resize: size => {
			if (tty) resizeTerminal(readProgress(progressFd)?.supervisor ?? 0, size);
		},
		signal: signal => {
			const progress = readProgress(progressFd);
			if (progress !== undefined) signalInit(progress, signal);
		},
		exitCode: () => readProgress(progressFd)?.exitCode ?? KILLED,
	};
}

const KILLED = 137;
/** Opened when there is something to write, since its supervisor makes it at the start. Where nobody reads it, nobody wants what is written. */
function inputOf(directory: StateDirectory, id: ContainerId): Attachment['write'] {
	const { O_NONBLOCK, O_WRONLY } = constants;
	let fd: number | undefined;
	return bytes => {
		try {
			fd ??= openSync(join(containerStateDir(directory, id), STDIN_FIFO), O_WRONLY | O_NONBLOCK);
			return writeSync(fd, bytes);
		} catch (error) {
			const { code = '' } = error as NodeJS.ErrnoException;
			if (code === 'EAGAIN') return 0;
			if (['ENXIO', 'ENOENT', 'EPIPE'].includes(code)) return bytes.length;
			throw error;
		}
	};
}

function readProgress(fd: number): Progress | undefined {
	const bytes = new Uint8Array(PROGRESS_SIZE);
	readSync(fd, bytes, 0, PROGRESS_SIZE, 0);
	return decodeProgress(bytes);
}

function cannotAttach(name: string, why: string, hint?: string): TsrunError {
	return new TsrunError('TSRUN_CANNOT_ATTACH', `container ${name} ${why}`, {
		hint: hint ?? 'attach to one that was made by run -d or by create, with a log',
		exitCode: 1,
	});
}
