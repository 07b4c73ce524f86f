import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { decodeNotes } from '../../native/encode.ts';
import { decodeProgress } from '../../native/progress.ts';
import type { Plan } from '../../plan/step.ts';
import {
	containerStateDir,
	openStateDirectory,
	readContainer,
	readPlan,
	START_FIFO,
	type StateDirectory,
	withContainer,
} from '../../state/state-directory.ts';
import { wordFailure } from '../report-failure.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { runPoststartHooks } from './poststart-hooks.ts';

const { O_NONBLOCK, O_WRONLY } = constants;
/** Milliseconds between two looks: init runs its last steps meanwhile, which are few. */
const POLL_MS = 0.2;
const SLOW_POLL_MS = 5;
const FAST_POLLS = 500;

/**
 * runc's `start`: tells init to go on, and waits until its program runs.
 * @throws TsrunError TSRUN_CONTAINER_STATE, or the step that failed
 */
export function startContainer(stateRoot: string, text: string): void {
	const directory = openStateDirectory(stateRoot);
	const { id } = findBundleContainer(directory, text).state;
	withContainer(directory, id, () => {
		const record = readContainer(directory, id);
		requireCreated(record?.status);
		release(containerStateDir(directory, id));
		requireStarted(directory, id);
		runPoststartHooks(directory, id);
	});
}

function requireCreated(status: string | undefined): void {
	if (status === 'created') return;
	const words =
		status === 'running'
			? 'cannot start an already running container'
			: status === undefined
				? 'container does not exist'
				: status === 'creating'
					? 'cannot start a container that is still being created'
					: 'cannot start a container that has stopped';
	throw new TsrunError('TSRUN_CONTAINER_STATE', words, { exitCode: 1 });
}

/** Returns when nobody reads the fifo any more, since init runs its program or has ended, or when a step has failed. */
function release(path: string): void {
	const fifo = openSync(join(path, START_FIFO), O_WRONLY | O_NONBLOCK);
	try {
		for (let polls = 0; isRead(fifo) && !hasFailed(path); polls++) sleep(polls < FAST_POLLS ? POLL_MS : SLOW_POLL_MS);
	} finally {
		closeSync(fifo);
	}
}

/** The first byte is the start. Init reads no other, so further ones only ask whether it is there. */
function isRead(fifo: number): boolean {
	try {
		writeSync(fifo, 'S');
		return true;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EPIPE') return false;
		if (code === 'EAGAIN') return true;
		throw error;
	}
}

const hasFailed = (path: string): boolean => decodeProgress(readFileSync(join(path, 'progress')))?.failed !== undefined;

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function requireStarted(directory: StateDirectory, id: ContainerId): void {
	const progress = readContainer(directory, id)?.progress;
	if (progress === undefined || progress.started !== undefined) return;
	const plan = JSON.parse(decodeNotes(readPlan(directory, id))) as Plan;
	const error = wordFailure(plan, progress, { isBundle: true });
	endInit(progress.init);
	throw error;
}

/** It stands before its program and lets itself be looked at: it is still ours. */
function endInit(init: number): void {
	try {
		if (readFileSync(`/proc/${init}/comm`, 'latin1').trim() === 'tsrun-init') process.kill(init, 'SIGKILL');
	} catch {
		// it has ended by itself
	}
}
