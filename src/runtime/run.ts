import { closeSync, existsSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import type { ContainerId } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { HealthCheck } from '../core/health-check.ts';
import { attempt } from '../core/system-failure.ts';
import { planNotes } from '../explain/plan-notes.ts';
import { encodePlan } from '../native/encode.ts';
import {
	attendMachine,
	becomeMachine,
	launchMachine,
	type MachineInput,
	runTeardown,
	spawnMachine,
} from '../native/machine.ts';
import {
	decodeProgress,
	decodeTimes,
	noteExitCode,
	noteNeverStarted,
	PROGRESS_SIZE,
	type Progress,
} from '../native/progress.ts';
import type { ProcessEnd } from '../native/wait-pid.ts';
import { type Plan, STEP_LISTS } from '../plan/step.ts';
import type { StepTimes } from '../plan/step-times.ts';
import { stopSignal } from '../spec/stop-signal.ts';
import type { ContainerState } from '../state/container-state.ts';
import { reconcile } from '../state/reconcile.ts';
import { containerStateDir, createContainerState, removeContainerState } from '../state/state-directory.ts';
import type { Store } from '../store/open-store.ts';
import { CONTENT_LOCK, withLock } from '../store/with-lock.ts';
import { claimVolumes, releaseVolumes } from './claim-volumes.ts';
import { logPath, writeContainerFiles } from './container-files.ts';
import { openInput } from './life/open-input.ts';
import { keepPlan, storedRun, writeStoredRun } from './life/stored-run.ts';
import { successorOf } from './life/successor.ts';
import type { ReadyImage } from './load-image.ts';
import { passSignals } from './pass-signals.ts';
import { imageRemoved, type PreparedContainer, prepareContainer, type RunRequest } from './prepare-container.ts';
import { hasResolved } from './resolved-image.ts';
import type { Stepper } from './step-through.ts';

/** Seconds; docker's. */
const STOP_TIMEOUT = 10;

/**
 * The line of the data from top to bottom: reference → image → specification → plan → state → machine. Everything up to the
 * state only reads; from the state on, whatever happens to this process, the next tsrun command finds the container and
 * finishes its teardown.
 */
async function makeContainer(
	request: RunRequest,
	reporter: readonly string[],
	{ isTimed = false, isStepped = false, check = () => {} }: Watch = {},
): Promise<MadeContainer> {
	const isForLater = request.isForLater === true;
	reconcile(request.state, runTeardown);
	requireNoCidfile(request.options.cidfile);
	const prepared = await prepareContainer({ ...request, farewell: farewellOf(request, reporter) });
	checkOrGiveUp(prepared, check);
	request.onPlan?.(prepared.plan);
	const plan = encodePlan(prepared.plan, {
		reporter: reporter.length === 0 ? [] : [...reporter, 'report-failure', request.state.root, prepared.id],
		successor: successorOf(request.options.restart, reporter, request.state, prepared.id),
		notes: planNotes(prepared.plan),
	});
	const state = stateOf(prepared, request);
	const progressFd = attempt(
		{ code: 'TSRUN_STATE', action: `write the state of the container to ${request.state.root}` },
		() => {
			const timed = isTimed || isStepped ? { timed: stepCount(prepared.plan) } : {};
			const stepped = isStepped ? { stepper: process.pid } : {};
			const files = isForLater ? {} : prepared.network?.files;
			return createContainerState(request.state, { state, plan, ...timed, ...stepped, ...files });
		},
	);
	try {
		attempt({ code: 'TSRUN_STORE', action: `write the files of the container to ${prepared.directory}` }, () =>
			writeContainerFiles({
				...prepared,
				state: request.state,
				options: request.options,
				networkHosts: prepared.network?.hosts,
			}),
		);
		if (prepared.health !== undefined) await makeHealth(containerStateDir(request.state, prepared.id), prepared.health);
		prepared.network?.announce();
		await claimVolumes(request.store, prepared);
		if (!request.options.rm || isForLater)
			writeStoredRun(prepared.directory, storedRun(prepared, { state, options: request.options }));
		if (!request.options.rm && !isForLater) keepPlan(prepared.directory, plan);
		await requireImage(request.store, prepared.image);
		writeCidfile(request.options.cidfile, prepared.id);
	} catch (error) {
		prepared.network?.giveUp();
		await releaseVolumes(request.store, prepared);
		rmSync(prepared.directory, { recursive: true, force: true });
		removeContainerState(request.state, prepared.id, prepared.name);
		closeSync(progressFd);
		throw error;
	}
	const { network } = prepared;
	return { plan, progressFd, compiled: prepared.plan, network, held: network?.held ?? [], id: prepared.id };
}

/** How the machine is watched at its work. */
interface Watch {
	/** The times of its steps are noted. */
	readonly isTimed?: boolean;
	/** This process lets each step go, too. */
	readonly isStepped?: boolean;
	/** May refuse the plan before there is a container. */
	readonly check?: (plan: Plan) => void;
}

function checkOrGiveUp({ plan, network }: PreparedContainer, check: (plan: Plan) => void): void {
	try {
		check(plan);
	} catch (error) {
		network?.giveUp();
		throw error;
	}
}

async function makeHealth(stateDir: string, check: HealthCheck): Promise<void> {
	const { makeHealthFiles } = await import('./health/health-files.ts');
	makeHealthFiles(stateDir, check);
}

const stepCount = (plan: Plan): number => STEP_LISTS.reduce((sum, list) => sum + plan[list].length, 0);

interface MadeContainer extends MachineInput {
	readonly compiled: Plan;
	readonly id: ContainerId;
	readonly network: PreparedContainer['network'];
}

/**
 * `tsrun run`: this process becomes the container's supervisor and ends with its exit code. Returns only by an error.
 * @param reporter argv of this program: it words a failed step, and decides what comes after the end
 */
export async function runInPlace(request: RunRequest, reporter: readonly string[]): Promise<never> {
	return becomeMachine(await makeContainer(request, reporter));
}

/**
 * `tsrun run -d`: returns when the program runs.
 * @returns how the machine ended where it did not come to that: the failure has been worded by `reporter`
 */
export async function runDetached(
	request: RunRequest,
	reporter: readonly string[],
): Promise<{ readonly id: ContainerId; readonly failed?: ProcessEnd }> {
	const { id, held = [], ...machine } = await makeContainer(request, reporter);
	const stdin = openInput(request.state, id, request.options.interactive);
	try {
		const failed = launchMachine({ ...machine, held }, stdin);
		return failed === undefined ? { id } : { id, failed };
	} finally {
		for (const fd of [stdin, machine.progressFd, ...held]) closeSync(fd);
	}
}

/** `tsrun create`: all that a start needs, and no process. @returns its id */
export async function makeForLater(
	request: Omit<RunRequest, 'isForLater'>,
	reporter: readonly string[],
): Promise<ContainerId> {
	const { id, progressFd } = await makeContainer({ ...request, isForLater: true }, reporter);
	noteNeverStarted(progressFd, BigInt(Date.now()) * 1_000_000n);
	closeSync(progressFd);
	return id;
}

/** What {@link runTimed} has seen. */
export interface TimedRun {
	readonly exitCode: number;
	readonly plan: Plan;
	/** Of each step, in the order of the plan's lists. */
	readonly times: readonly (StepTimes | undefined)[];
	/** When the machine was started, in milliseconds since the epoch. */
	readonly handedOver: number;
}

/**
 * `tsrun run --trace`: as {@link runInPlace}, but the supervisor is a child, and what it noted of each step is there afterwards.
 * @param reporter as there: a failed step has been worded already
 * @param meanwhile done while the machine is at work
 */
export async function runTimed(
	request: RunRequest,
	reporter: readonly string[],
	meanwhile: (plan: Plan) => void,
): Promise<TimedRun> {
	const machine = await makeContainer(request, reporter, { isTimed: true });
	try {
		const handedOver = performance.timeOrigin + performance.now();
		const exitCode = await attendMachine(machine, [0, 1, 2], pid => {
			passSignals(pid);
			meanwhile(machine.compiled);
		});
		const times = decodeTimes(readFileSync(`/proc/self/fd/${machine.progressFd}`));
		return { exitCode, plan: machine.compiled, times, handedOver };
	} finally {
		for (const fd of [machine.progressFd, ...(machine.held ?? [])]) closeSync(fd);
	}
}

/**
 * `tsrun run --step`: as {@link runTimed}, and each step is let go by the stepper.
 * @param check may refuse the plan before there is a container
 * @returns the exit code; 125 where the stepper quit
 */
export async function runStepped(
	request: RunRequest,
	reporter: readonly string[],
	{ check, ...stepper }: Stepper & { readonly check: (plan: Plan) => void },
): Promise<number> {
	const machine = await makeContainer(request, reporter, { isStepped: true, check });
	try {
		const { stepThrough } = await import('./step-through.ts');
		const exitCode = await stepThrough(machine, stepper);
		// nobody has reported a wish
		const { failed, exitCode: noted } = readProgress(machine.progressFd);
		if (failed !== undefined && noted === undefined) noteExitCode(machine.progressFd, exitCode);
		return exitCode;
	} finally {
		for (const fd of [machine.progressFd, ...(machine.held ?? [])]) closeSync(fd);
	}
}

/**
 * The same container under a supervisor of its own, for callers that go on living.
 * @returns the exit code
 * @throws StepError where a step failed
 */
export async function runBeside(request: RunRequest, stdio: readonly [number, number, number]): Promise<number> {
	const machine = await makeContainer(request, []);
	try {
		const exitCode = await spawnMachine(machine, stdio);
		const progress = readProgress(machine.progressFd);
		if (progress.exitCode === undefined) {
			const { wordFailure } = await import('./report-failure.ts');
			throw wordFailure(machine.compiled, progress);
		}
		return exitCode;
	} finally {
		closeSync(machine.progressFd);
		machine.network?.depart();
	}
}

/** The command that makes others forget the container's names; a library does that itself. */
const farewellOf = ({ state, store }: RunRequest, reporter: readonly string[]): readonly string[] =>
	reporter.length === 0 ? [] : [...reporter, 'network-left', state.root, store.root];

function readProgress(fd: number): Progress {
	const bytes = new Uint8Array(PROGRESS_SIZE);
	const progress = readSync(fd, bytes, 0, PROGRESS_SIZE, 0) === PROGRESS_SIZE ? decodeProgress(bytes) : undefined;
	if (progress === undefined) throw new Error('the progress file is not whole');
	return progress;
}

/**
 * The container is there already, so who removes content from now on keeps its layers; what was removed before shows here. Nobody
 * removes any while the lock is held.
 */
async function requireImage(store: Store, { manifestDigest, name, layerDirs }: ReadyImage): Promise<void> {
	const isThere = await withLock(
		store,
		{ name: CONTENT_LOCK, kind: 'shared' },
		() => hasResolved(store, manifestDigest) && layerDirs.every(path => existsSync(path)),
	);
	if (!isThere) throw imageRemoved(name);
}

function requireNoCidfile(path: string | undefined): void {
	if (path !== undefined && existsSync(path)) {
		throw new TsrunError('TSRUN_CIDFILE_EXISTS', `container id file ${path} is there already`, {
			hint: 'make sure no container uses it, and remove it',
		});
	}
}

function writeCidfile(path: string | undefined, id: string): void {
	if (path === undefined) return;
	attempt({ code: 'TSRUN_CIDFILE', action: `write the container id file ${path} (--cidfile)` }, () =>
		writeFileSync(path, id, { flag: 'wx' }),
	);
}

/** What is noted of a container before its first step. */
export function stateOf(
	{ id, name, image, spec, directory, cgroups, health }: PreparedContainer,
	{ reference, options }: RunRequest,
): ContainerState {
	return {
		version: 1,
		id,
		name,
		image: reference,
		imageDigest: image.manifestDigest,
		command: spec.process?.args ?? [],
		created: Date.now(),
		directory,
		labels: { ...image.config.config.labels, ...options.labels },
		autoRemove: options.rm,
		run: {
			detached: options.detach,
			tty: options.tty,
			interactive: options.interactive,
			stopSignal: stopSignal(options.stopSignal, image.config.config.stopSignal),
			stopTimeout: options.stopTimeout ?? STOP_TIMEOUT,
			restart: options.restart,
			...(health === undefined ? {} : { health }),
			cgroups,
			...(options.log.kind === 'file' ? { log: logPath(directory) } : {}),
		},
	};
}
