import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcessView } from '../host/read-process-view.ts';
import { type MachineInput, spawnMachine } from '../native/machine.ts';
import { decodeProgress, decodeTimes } from '../native/progress.ts';
import { decideStep, heldStep, type Verdict } from '../native/step-gate.ts';
import type { ProcessView } from '../plan/process-view.ts';
import { type Plan, STEP_LISTS } from '../plan/step.ts';
import { type StepPlace, stepPlaces } from '../plan/step-order.ts';
import type { StepTimes } from '../plan/step-times.ts';

/** Milliseconds between two looks at a machine that is at work. */
const LOOK = 1;
/** The same while the program runs. */
const IDLE_LOOK = 25;

/** The machine waits before a step. */
export interface Stop {
	readonly place: StepPlace;
	readonly plan: Plan;
	/** Of each step by its number: when it was carried out, undefined where it was not. */
	readonly times: readonly (StepTimes | undefined)[];
	/** Numbers of the steps that were skipped. */
	readonly skipped: ReadonlySet<number>;
	/** Pids on the host. Init is undefined before it is there, and after its end. */
	readonly supervisor: number;
	readonly init: number | undefined;
	/** Read from /proc at each call. */
	readonly look: () => { readonly host: ProcessView | undefined; readonly container: ProcessView | undefined };
	/** Aborted when the machine has ended, by whatever hand. */
	readonly gone: AbortSignal;
}

export interface Decision {
	readonly verdict: Verdict;
	/** Which of the steps after this one are stopped at; the others are let go now, and cannot be called back. */
	readonly stopsAt: (place: StepPlace) => boolean;
}

export interface Stepper {
	/** Which steps are stopped at first. */
	readonly stopsAt: Decision['stopsAt'];
	readonly decide: (stop: Stop) => Promise<Decision>;
	/** Told the supervisor's pid. */
	readonly onStart: (pid: number) => void;
}

/**
 * Runs the machine as a child that asks before each step. Its standard input is empty: this process's own is for commands. Should this
 * process die, the machine quits, and undoes what was done.
 * @returns its exit code
 */
export async function stepThrough(
	machine: MachineInput & { readonly compiled: Plan },
	{ stopsAt, decide, onStart }: Stepper,
): Promise<number> {
	const { compiled: plan, progressFd } = machine;
	const places = stepPlaces(plan);
	const counts = STEP_LISTS.map(list => plan[list].length);
	const decided = new Set<number>();
	const skipped = new Set<number>();
	const settle = (number: number, verdict: Verdict): void => {
		decided.add(number);
		if (verdict === 'skip') skipped.add(number);
		decideStep(progressFd, number, verdict);
	};
	const letGo = (isStop: Decision['stopsAt']): void => {
		for (const place of places) if (!decided.has(place.number) && !isStop(place)) settle(place.number, 'go');
	};
	letGo(stopsAt);
	const end = new AbortController();
	const nothing = openSync('/dev/null', 'r');
	const exit = spawnMachine(machine, [nothing, 1, 2], onStart).finally(() => end.abort());
	// it is awaited at the end
	exit.catch(() => {});
	try {
		while (!end.signal.aborted) {
			const bytes = readFileSync(`/proc/self/fd/${progressFd}`);
			const held = heldStep(bytes, counts);
			const place = held === undefined ? undefined : places[held];
			if (place === undefined || decided.has(place.number)) await sleep(isIdle(bytes) ? IDLE_LOOK : LOOK);
			else {
				const stop = { place, plan, skipped, times: decodeTimes(bytes), gone: end.signal, ...processesOf(bytes) };
				const { verdict, stopsAt: next } = await decide(stop);
				const isUndone = place.list === 'teardown' && verdict === 'quit';
				letGo(each => each.number === place.number || (verdict === 'quit' ? each.list !== 'teardown' : next(each)));
				settle(place.number, isUndone ? 'go' : verdict);
			}
		}
		return await exit;
	} finally {
		closeSync(nothing);
	}
}

/** The program runs, and nobody waits for the next step. */
const isIdle = (bytes: Uint8Array): boolean => {
	const progress = decodeProgress(bytes);
	return progress?.started !== undefined && progress.exitCode === undefined;
};

function processesOf(bytes: Uint8Array): Pick<Stop, 'supervisor' | 'init' | 'look'> {
	const { supervisor = 0, init = 0, exitCode } = decodeProgress(bytes) ?? {};
	const isThere = init > 0 && exitCode === undefined;
	return {
		supervisor,
		init: isThere ? init : undefined,
		look: () => ({
			host: readProcessView(process.pid),
			container: isThere ? readProcessView(init) : undefined,
		}),
	};
}
