import { TsrunError } from '../../core/errors.ts';
import { OPS, type OpName } from '../../plan/op-table.ts';
import { PHASES, type Phase, type Plan, STEP_LISTS, type StepList } from '../../plan/step.ts';
import { type StepPlace, stepPlaces } from '../../plan/step-order.ts';
import { callName } from '../describe-step.ts';

/** Where to stop: before the steps of a phase, before a step by its number, before each step of one call. */
export type Breakpoint =
	| { readonly kind: 'phase'; readonly phase: Phase }
	| { readonly kind: 'number'; readonly index: number; readonly list?: StepList }
	| { readonly kind: 'call'; readonly ops: readonly OpName[] };

/**
 * `mounts`, `17`, `init:17`, `pivot_root`. A word that is a phase and a call is the phase.
 * @param from what the text came with, for the message
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseBreakpoint(text: string, from: string): Breakpoint {
	const phase = PHASES.find(name => name === text);
	if (phase !== undefined) return { kind: 'phase', phase };
	const [, name, digits] = /^(?:([a-z]+):)?(\d{1,9})$/.exec(text) ?? [];
	const list = STEP_LISTS.find(each => each === name);
	if (digits !== undefined && (name === undefined || list !== undefined))
		return { kind: 'number', index: Number(digits), ...(list === undefined ? {} : { list }) };
	const ops = (Object.keys(OPS) as OpName[]).filter(op => op === text || callName(op) === text);
	if (ops.length > 0) return { kind: 'call', ops };
	throw new TsrunError('TSRUN_BAD_FLAG', `${from}: there is no place ${JSON.stringify(text.slice(0, 40))} in a plan`, {
		hint: `expected a number as tsrun plan has it (17, init:17), a call (pivot_root), or one of ${PHASES.join(', ')}`,
	});
}

/**
 * Numbers of the steps that breakpoints stop at: of a phase the first step wherever it begins anew.
 * @param from as in {@link parseBreakpoint}
 * @throws TsrunError TSRUN_BAD_FLAG for a breakpoint that no step is at
 */
export function breakpointSteps(plan: Plan, texts: readonly string[], from: string): ReadonlySet<number> {
	const places = stepPlaces(plan);
	const numbers = texts.flatMap(text => {
		const breakpoint = parseBreakpoint(text, from);
		const found = places.filter(place => isAt(breakpoint, place, plan));
		if (found.length > 0) return found.map(({ number }) => number);
		const counts = STEP_LISTS.map(list => `${list} has ${plan[list].length} steps`).join(', ');
		throw new TsrunError('TSRUN_BAD_FLAG', `${from}: no step of this plan is at ${text}`, {
			hint: `tsrun plan shows them with the same flags: ${counts}`,
		});
	});
	return new Set(numbers);
}

function isAt(breakpoint: Breakpoint, { list, index, step }: StepPlace, plan: Plan): boolean {
	switch (breakpoint.kind) {
		case 'phase':
			return step.phase === breakpoint.phase && plan[list][index - 1]?.phase !== breakpoint.phase;
		case 'number':
			return index === breakpoint.index && (breakpoint.list ?? list) === list;
		case 'call':
			return breakpoint.ops.includes(step.op);
	}
}
