import { closeSync, ftruncateSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import { planNotes } from '../../explain/plan-notes.ts';
import { encodePlan } from '../../native/encode.ts';
import { launchMachine, type MachineInput } from '../../native/machine.ts';
import { emptyProgress, PROGRESS_SIZE } from '../../native/progress.ts';
import { flock } from '../../native/syscalls.ts';
import type { ProcessEnd } from '../../native/wait-pid.ts';
import type { ContainerState } from '../../state/container-state.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	STOPPED,
	type StateDirectory,
	withContainer,
} from '../../state/state-directory.ts';
import { makeHealthFiles } from '../health/health-files.ts';
import { keepNetworks, networksAgain } from '../network/networks-again.ts';
import { compileAgain } from './compile-again.ts';
import { openInput } from './open-input.ts';
import { keepPlan, noteWanted, readStoredRun } from './stored-run.ts';
import { successorOf } from './successor.ts';

/**
 * Runs a container of `tsrun run` that has ended once more, in the background; nothing where it runs already.
 * @param program argv of this program
 * @param input what its standard input is, in place of its own fifo
 * @returns how the machine ended where the container's program did not come to run: the failure has been worded then
 * @throws TsrunError TSRUN_CONTAINER_STATE
 */
export function startStored(
	directory: StateDirectory,
	id: ContainerId,
	program: readonly string[],
	input?: number,
): ProcessEnd | undefined {
	return withContainer(directory, id, () => {
		const record = readContainer(directory, id);
		if (record === undefined) throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${id}`);
		if (record.status === 'running' || record.status === 'creating' || record.status === 'restarting') return undefined;
		const state = containerStateDir(directory, id);
		rmSync(join(state, STOPPED), { force: true });
		rmSync(join(state, RESTARTS), { force: true });
		noteWanted(record.state.directory);
		const progressFd = openSync(join(state, 'progress'), 'r+');
		// Who only looks at it holds it for a moment.
		flock(progressFd, 'exclusive');
		const own = input === undefined ? openInput(directory, id, record.state.run?.interactive ?? false) : undefined;
		const stdin = input ?? own ?? 0;
		const fds = [...(own === undefined ? [] : [own]), progressFd];
		try {
			const machine = prepareAnotherRun(directory, record, { program, progressFd });
			fds.push(...(machine.held ?? []));
			return launchMachine(machine, stdin);
		} finally {
			for (const fd of fds) closeSync(fd);
		}
	});
}

/** How often it has been run again, and after how long. */
export const RESTARTS = 'restarts';

interface AnotherRun {
	readonly program: readonly string[];
	/** Locked. */
	readonly progressFd: number;
}

/**
 * The next run of a container, with its networks; from here on its state is that of a container that begins. Where it cannot begin, the
 * container stays as it was.
 */
export function prepareAnotherRun(
	directory: StateDirectory,
	{ state }: ContainerRecord,
	{ program, progressFd }: AnotherRun,
): MachineInput {
	const stored = readStoredRun(state.directory);
	if (stored === undefined || state.run === undefined) throw notAgain(state);
	const networks = networksAgain(directory, stored, program);
	try {
		const plan = compileAgain(stored, directory, networks?.input);
		const encoded = encodePlan(plan, {
			reporter: [...program, 'report-failure', directory.root, state.id],
			successor: successorOf(state.run.restart, program, directory, state.id),
			notes: planNotes(plan),
		});
		const path = join(containerStateDir(directory, state.id), 'plan');
		writeFileSync(`${path}.new`, encoded, { mode: 0o600 });
		keepPlan(state.directory, encoded);
		if (networks !== undefined) keepNetworks(directory, stored, networks);
		if (state.run.health !== undefined) makeHealthFiles(containerStateDir(directory, state.id), state.run.health);
		// what was noted of each step, and decided, was of another plan
		ftruncateSync(progressFd, PROGRESS_SIZE);
		// Bun heeds the position only where the length is told
		const progress = emptyProgress();
		writeSync(progressFd, progress, 0, progress.length, 0);
		renameSync(`${path}.new`, path);
		networks?.announce();
		return { plan: encoded, progressFd, held: networks?.held ?? [] };
	} catch (error) {
		networks?.giveUp();
		throw error;
	}
}

const notAgain = ({ name }: ContainerState): TsrunError =>
	new TsrunError('TSRUN_CONTAINER_STATE', `container ${name} cannot be started again`, {
		hint: 'it was made from a bundle, or with --rm',
		exitCode: 1,
	});
