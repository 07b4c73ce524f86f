import { type Plan, STEP_LISTS } from '../plan/step.ts';
import { describeStep } from './describe-step.ts';
import { notesOf } from './format-plan.ts';
import { printable } from './printable.ts';

/** One line a step, with the words of `tsrun plan`: its list and number, the call, why it is there and what asked for it. */
export function planLines(plan: Plan): readonly string[] {
	return STEP_LISTS.flatMap(list =>
		plan[list].map((step, index) => `${list} ${index} ${printable(describeStep(step))} · ${notesOf(step)}`),
	);
}
