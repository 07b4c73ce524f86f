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
	readonly verdict: Exclude<Verdict, 'hold'>;
	/** Which of the steps after this one are stopped at, until the next decision. */
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
	const skipped = new Set<number>();
	/** While a step is held nothing is done, so all that come after it can be decided anew. */
	const decideAllBut = (number: number, isStop: Decision['stopsAt']): void => {
		for (const place of places)
			if (place.number !== number) decideStep(progressFd, place.number, isStop(place) ? 'hold' : 'go');
	};
	decideAllBut(-1, stopsAt);
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
			if (place === undefined) {
				await sleep(isIdle(bytes) ? IDLE_LOOK : LOOK);
				continue;
			}
			const stop = { place, plan, skipped, times: decodeTimes(bytes), gone: end.signal, ...processesOf(bytes) };
			const { verdict, stopsAt: next } = await decide(stop);
			const isQuit = verdict === 'quit';
			if (verdict === 'skip') skipped.add(place.number);
			decideAllBut(place.number, each => (isQuit ? each.list !== 'teardown' : next(each)));
			decideStep(progressFd, place.number, isQuit && place.list === 'teardown' ? 'go' : verdict);
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
