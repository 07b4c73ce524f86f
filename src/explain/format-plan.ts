import { errnoName } from '../core/errno.ts';
import { OPS } from '../plan/op-table.ts';
import type { Phase, Plan, Step, StepList } from '../plan/step.ts';
import { describeStep } from './describe-step.ts';
import { CLONE_NAMES, flagNames } from './flag-names.ts';
import { type Paint, painter } from './paint.ts';
import { printable } from './printable.ts';

/** Where the steps of a list happen. */
export const WHERE: Readonly<Record<StepList, string>> = {
	setup: 'on the host',
	init: 'in the container',
	teardown: 'after the end, or after a failure',
};

export interface PlanText {
	readonly colour: boolean;
	/** Only the steps of these phases, under the numbers that they have in the whole plan. */
	readonly only?: readonly Phase[] | undefined;
}

/**
 * The plan as text: each list, in the order of the steps, under the name of the phase; for each step its number, the call,
 * why it is there, which field of config.json asks for it, and where the call is described.
 */
export function formatPlan(plan: Plan, { colour, only }: PlanText): string {
	const paint = painter(colour);
	const namespaces = plan.cloneFlags === 0 ? 'none' : flagNames(plan.cloneFlags, CLONE_NAMES);
	const heading = paint('dim', `plan version ${plan.version}, new namespaces: ${namespaces}`);
	const lists = (['setup', 'init', 'teardown'] as const)
		.filter(list => only === undefined || plan[list].some(({ phase }) => only.includes(phase)))
		.map(list => formatList(list, plan[list], { paint, only }));
	return `${[heading, ...lists].join('\n\n')}\n`;
}

function formatList(
	list: StepList,
	steps: readonly Step[],
	{ paint, only }: { readonly paint: Paint; readonly only: readonly Phase[] | undefined },
): string {
	const width = String(Math.max(steps.length - 1, 0)).length;
	const count = `${steps.length} step${steps.length === 1 ? '' : 's'}`;
	const lines = [`${paint('bold', list)}  ${WHERE[list]}, ${count}`];
	let before: Phase | undefined;
	for (const [index, step] of steps.entries()) {
		if (only?.includes(step.phase) === false) continue;
		if (step.phase !== before) lines.push(`  ${paint('cyan', step.phase)}`);
		before = step.phase;
		lines.push(`  ${paint('dim', String(index).padStart(width + 2))}  ${describeStep(step)}`);
		lines.push(`  ${' '.repeat(width + 4)}${paint('dim', notesOf(step))}`);
	}
	return lines.join('\n');
}

/** Why a step is there, what asked for it, and under which conditions it runs. */
export function notesOf({ op, why, from, tolerate, after }: Step): string {
	return printable(
		[
			why,
			...(from === undefined ? [] : [from]),
			...(tolerate === undefined || tolerate.length === 0 ? [] : [`accepts ${tolerate.map(errnoName).join(', ')}`]),
			...(after === undefined ? [] : [`only after setup ${after}`]),
			OPS[op].manual,
		].join(' · '),
	);
}
