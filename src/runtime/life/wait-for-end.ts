import { closeSync, openSync, readSync } from 'node:fs';
import type { ContainerId } from '../../core/brands.ts';
import { join } from '../../core/paths.ts';
import { pidfdOpen } from '../../native/process-calls.ts';
import { decodeProgress, PROGRESS_SIZE, type Progress } from '../../native/progress.ts';
import { waitReadable } from '../../native/wait-readable.ts';
import { containerStateDir, readContainer, type StateDirectory } from '../../state/state-directory.ts';

/** A supervisor that becomes the next one keeps its pid: its end says nothing there, so it is looked at. */
const LOOK_MS = 50;

/** How a run ended, or that the time was over first. */
export type WaitResult = { readonly progress: Progress } | 'timeout';

/**
 * Blocks until the present run of a container has ended and its teardown is done, or its supervisor is gone.
 * @param milliseconds how long at most; for ever where it is absent
 */
export function waitForEnd(directory: StateDirectory, id: ContainerId, milliseconds?: number): WaitResult {
	const deadline = milliseconds === undefined ? undefined : Date.now() + milliseconds;
	// Held open, it can be read after the container has removed itself.
	const fd = openSync(join(containerStateDir(directory, id), 'progress'), 'r');
	try {
		for (;;) {
			const progress = read(fd);
			const record = readContainer(directory, id);
			const isOver = record === undefined || !['creating', 'running'].includes(record.status);
			if (isOver || progress.tornDown !== undefined) return { progress: read(fd) };
			const left = deadline === undefined ? undefined : deadline - Date.now();
			if (left !== undefined && left <= 0) return 'timeout';
			const isSteady = record.state.run?.restart.kind === 'no';
			waitForProcess(progress.supervisor, isSteady ? left : Math.min(left ?? LOOK_MS, LOOK_MS));
		}
	} finally {
		closeSync(fd);
	}
}

function read(fd: number): Progress {
	const bytes = new Uint8Array(PROGRESS_SIZE);
	readSync(fd, bytes, 0, PROGRESS_SIZE, 0);
	const progress = decodeProgress(bytes);
	if (progress === undefined) throw new Error('the progress file is not whole');
	return progress;
}

function waitForProcess(pid: number, milliseconds: number | undefined): void {
	const pidfd = openProcess(pid);
	// It has not begun yet, or has just ended.
	if (pidfd === undefined) {
		sleep(1);
		return;
	}
	try {
		waitReadable(pidfd, milliseconds);
	} finally {
		closeSync(pidfd);
	}
}

function openProcess(pid: number): number | undefined {
	try {
		return pid > 0 ? pidfdOpen(pid) : undefined;
	} catch {
		return undefined;
	}
}

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
