import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { decodeNotes } from '../../native/encode.ts';
import { decodeProgress, type Progress } from '../../native/progress.ts';
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
import { findBundleContainer } from './find-bundle-container.ts';

const { O_NONBLOCK, O_WRONLY } = constants;
/** Milliseconds between two looks: init runs its last steps meanwhile, which are few. */
const POLL_MS = 0.2;
const SLOW_POLL_MS = 5;
const FAST_POLLS = 500;

/** A step after `awaitStart` has failed. */
interface FailedStart {
	readonly plan: Plan;
	readonly progress: Progress;
}

/**
 * runc's `start`: tells init to go on, and waits until its program runs.
 * @throws TsrunError TSRUN_CONTAINER_STATE, or the step that failed
 */
export async function startContainer(stateRoot: string, text: string): Promise<void> {
	const directory = openStateDirectory(stateRoot);
	const { id } = findBundleContainer(directory, text).state;
	const hooks = await loadPoststart(directory, id);
	const failed = withContainer(directory, id, () => {
		const record = readContainer(directory, id);
		requireCreated(record?.status);
		release(containerStateDir(directory, id));
		const failure = failureOf(directory, id);
		if (failure === undefined) hooks?.runPoststartHooks(directory, id);
		return failure;
	});
	if (failed === undefined) return;
	const { wordFailure } = await import('../report-failure.ts');
	const error = wordFailure(failed.plan, failed.progress, { isBundle: true });
	endInit(failed.progress.init);
	throw error;
}

/** Few containers have such hooks: what runs them is not read for the others. Names of fields are found in capitals, too. */
async function loadPoststart(
	directory: StateDirectory,
	id: ContainerId,
): Promise<typeof import('./poststart-hooks.ts') | undefined> {
	const config = readFileSync(join(containerStateDir(directory, id), 'config.json'), 'utf8');
	return /"poststart"/i.test(config) ? import('./poststart-hooks.ts') : undefined;
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

function failureOf(directory: StateDirectory, id: ContainerId): FailedStart | undefined {
	const progress = readContainer(directory, id)?.progress;
	if (progress === undefined || progress.started !== undefined) return undefined;
	return { plan: JSON.parse(decodeNotes(readPlan(directory, id))) as Plan, progress };
}

/** It stands before its program and lets itself be looked at: it is still ours. */
function endInit(init: number): void {
	try {
		if (readFileSync(`/proc/${init}/comm`, 'latin1').trim() === 'tsrun-init') process.kill(init, 'SIGKILL');
	} catch {
		// it has ended by itself
	}
}
