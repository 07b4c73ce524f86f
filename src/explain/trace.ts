import { errnoName } from '../core/errno.ts';
import { type Phase, type Plan, STEP_LISTS, type Step, type StepList } from '../plan/step.ts';
import type { StepTimes } from '../plan/step-times.ts';
import { describeStep } from './describe-step.ts';
import { printable } from './printable.ts';

/** What a traced run was. */
export interface TracedRun {
	readonly plan: Plan;
	/** Of each step in the order of the plan's lists; undefined where it was not carried out. */
	readonly times: readonly (StepTimes | undefined)[];
	/** What {@link callsOf} the plan has: made while the machine is at work, it costs the run nothing. */
	readonly calls: ReadonlyMap<Step, string>;
	/** When tsrun began and when it handed over to the machine, in milliseconds since the epoch. */
	readonly began: number;
	readonly handedOver: number;
}

/** One step that was carried out. Times are in microseconds. */
export interface TraceStep {
	readonly list: StepList;
	/** Its number in the list. */
	readonly index: number;
	readonly step: Step;
	/** As `tsrun plan` has it. */
	readonly call: string;
	/** Since tsrun began. */
	readonly at: number;
	/** Undefined for the step that became the program. */
	readonly took: number | undefined;
	/** True where the time is that of another process: the step waits for it. */
	readonly waits: boolean;
	/** `ok`, or the name of an errno. */
	readonly result: string;
}

export interface PhaseTotal {
	readonly phase: Phase;
	readonly steps: number;
	/** Microseconds, without the steps that wait. */
	readonly took: number;
}

export interface Trace {
	/** Microseconds from the start of tsrun until it handed over: all that is TypeScript. */
	readonly prepared: number;
	/** In the order in which they began. */
	readonly steps: readonly TraceStep[];
	/** In the order in which they began. */
	readonly phases: readonly PhaseTotal[];
}

/** In these one process waits for another, or for the program. */
const WAITING: readonly Step['op'][] = ['turn', 'supervise', 'awaitStart'];

/** Each step as one call, printable. */
export const callsOf = (plan: Plan): ReadonlyMap<Step, string> =>
	new Map(STEP_LISTS.flatMap(list => plan[list].map(step => [step, printable(describeStep(step))])));

export function traceOf({ plan, times, calls, began, handedOver }: TracedRun): Trace {
	const origin = BigInt(Math.round(began * 1000));
	const steps = STEP_LISTS.flatMap(list => plan[list].map((step, index) => ({ list, step, index })))
		.flatMap((place, number) => {
			const time = times[number];
			if (time === undefined) return [];
			return [{ ...place, call: calls.get(place.step) ?? '', ...resultOf(place.step, time, origin) }];
		})
		.toSorted((a, b) => a.at - b.at);
	return { prepared: Math.round((handedOver - began) * 1000), steps, phases: totals(steps) };
}

function resultOf({ op }: Step, { began, ended, errno }: StepTimes, origin: bigint) {
	return {
		at: inMicroseconds(began - origin * 1000n),
		took: ended === undefined ? undefined : inMicroseconds(ended - began),
		waits: WAITING.includes(op),
		result: errno === undefined ? 'ok' : errnoName(errno),
	};
}

/** To the tenth. */
const inMicroseconds = (nanoseconds: bigint): number => Number(nanoseconds / 100n) / 10;

function totals(steps: readonly TraceStep[]): readonly PhaseTotal[] {
	const byPhase = new Map<Phase, PhaseTotal>();
	for (const { step, took = 0, waits } of steps) {
		const before = byPhase.get(step.phase) ?? { phase: step.phase, steps: 0, took: 0 };
		const sum = before.took + (waits ? 0 : took);
		byPhase.set(step.phase, { ...before, steps: before.steps + 1, took: Math.round(sum * 10) / 10 });
	}
	return [...byPhase.values()];
}
