import { writeFileSync } from 'node:fs';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import { runTeardown } from '../../native/machine.ts';
import { SIGKILL } from '../../plan/linux-constants.ts';
import { findContainer } from '../../state/find-container.ts';
import { reconcile } from '../../state/reconcile.ts';
import {
	type ContainerRecord,
	containerStateDir,
	listContainerIds,
	readContainer,
	STOPPED,
	type StateDirectory,
} from '../../state/state-directory.ts';
import { containerCgroups } from '../oci/container-cgroups.ts';
import { thaw } from '../oci/freezer.ts';
import { signalInit } from '../oci/kill-container.ts';
import { killSupervisor } from './kill-supervisor.ts';
import { noteUnwanted } from './stored-run.ts';
import { waitForEnd } from './wait-for-end.ts';

const SIGTERM = 15;
/** What is killed has ended within this time, or the kernel holds it. */
const KILL_MS = 10_000;
/** A supervisor that cannot write what is left of the output, since the disk is full, gives up when it is told to. */
const GIVE_UP_MS = 2_000;

export interface StopRequest {
	/** Instead of the container's own. */
	readonly signal?: number;
	/** Seconds until SIGKILL, instead of the container's own; -1: for ever. */
	readonly seconds?: number;
	/** `start --all` is to start it again: the machine goes down, nobody wants the container ended. */
	readonly isForNow?: boolean;
}

/** One of several containers, and what went wrong with it. */
export interface StopResult {
	readonly container: string;
	readonly error?: unknown;
}

/**
 * docker's `stop`: asks containers to end, all at once, and kills those that have not after their time.
 * @param containers names, ids or beginnings of ids
 */
export function stopContainers(
	directory: StateDirectory,
	containers: readonly string[],
	request: StopRequest,
): readonly StopResult[] {
	const asked = containers.map(container => capture(container, () => askToEnd(directory, container, request)));
	const began = Date.now();
	return asked.map(({ container, error, value }) => {
		if (error !== undefined || value === undefined) return { container, error };
		return capture(container, () => awaitEnd(directory, value, { request, began }));
	});
}

/** All containers of `tsrun run` that run or are about to, by name. */
export function stopAll(directory: StateDirectory, request: StopRequest): readonly StopResult[] {
	const names = listContainerIds(directory).flatMap(id => {
		const record = readContainer(directory, id);
		const goesOn = record !== undefined && ['running', 'restarting', 'creating'].includes(record.status);
		return goesOn && record.state.run !== undefined ? [record.state.name] : [];
	});
	return stopContainers(directory, names, request);
}

interface Captured<T> extends StopResult {
	readonly value?: T;
}

function capture<T>(container: string, work: () => T): Captured<T> {
	try {
		return { container, value: work() };
	} catch (error) {
		return { container, error };
	}
}

/** Noted first, so that no restart policy begins another run. */
function askToEnd(directory: StateDirectory, container: string, { signal, isForNow }: StopRequest): ContainerRecord {
	const id = findContainer(directory, container);
	const record = readContainer(directory, id);
	if (record === undefined) throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${container}`);
	noteStopped(directory, record, isForNow);
	if (record.status === 'restarting') killSupervisor(directory, id, record.progress.supervisor, SIGTERM);
	if (record.status !== 'running') return record;
	signalInit(record.progress, signal ?? record.state.run?.stopSignal ?? SIGTERM);
	thaw(containerCgroups(record));
	return record;
}

/** Whoever asks for the end of a container does not want it restarted. */
export function noteStopped(directory: StateDirectory, { state }: ContainerRecord, isForNow = false): void {
	writeFileSync(join(containerStateDir(directory, state.id), STOPPED), '');
	if (state.run !== undefined && !isForNow) noteUnwanted(state.directory);
}

function awaitEnd(
	directory: StateDirectory,
	record: ContainerRecord,
	{ request, began }: { readonly request: StopRequest; readonly began: number },
): void {
	const { id, run } = record.state;
	const { supervisor } = record.progress;
	const seconds = request.seconds ?? run?.stopTimeout ?? 10;
	const first = seconds < 0 ? undefined : Math.max(0, 1000 * seconds - (Date.now() - began));
	const ended = (milliseconds: number | undefined): boolean => waitedFor(directory, id, milliseconds);
	if (ended(first)) return;
	signalInit(record.progress, SIGKILL);
	thaw(containerCgroups(record));
	if (ended(KILL_MS)) return;
	killSupervisor(directory, id, supervisor, SIGTERM);
	if (ended(GIVE_UP_MS)) return;
	killSupervisor(directory, id, supervisor, SIGKILL);
	reconcile(directory, runTeardown);
	if (ended(GIVE_UP_MS)) return;
	throw new TsrunError('TSRUN_CONTAINER_RUNNING', `container ${record.state.name} does not end`, {
		hint: 'one of its processes hangs in the kernel: look for state D in ps',
		exitCode: 1,
	});
}

/** A container with --rm is gone when it has ended. */
function waitedFor(directory: StateDirectory, id: ContainerId, milliseconds: number | undefined): boolean {
	try {
		if (waitForEnd(directory, id, milliseconds) === 'timeout') return false;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
	reconcile(directory, runTeardown);
	return true;
}
