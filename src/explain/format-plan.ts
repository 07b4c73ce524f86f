import { errnoName } from '../core/errno.ts';
import type { Plan, Step, StepList } from '../plan/step.ts';
import { describeStep } from './describe-step.ts';
import { CLONE_NAMES, flagNames } from './flag-names.ts';
import { printable } from './printable.ts';

const WHERE: Readonly<Record<StepList, string>> = {
	setup: 'on the host',
	init: 'in the container',
	teardown: 'after the end, or after a failure',
};

const CODES = { bold: '1', dim: '2', cyan: '36' } as const;
type Paint = (style: keyof typeof CODES, text: string) => string;

/**
 * The plan as text: each list, in the order of the steps, under the name of the phase; for each step its number, the call,
 * why it is there and which field of config.json asks for it.
 */
export function formatPlan(plan: Plan, { colour }: { readonly colour: boolean }): string {
	const paint: Paint = (style, text) => (colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
	const namespaces = plan.cloneFlags === 0 ? 'none' : flagNames(plan.cloneFlags, CLONE_NAMES);
	const heading = paint('dim', `plan version ${plan.version}, new namespaces: ${namespaces}`);
	const lists = (['setup', 'init', 'teardown'] as const).map(list => formatList(list, plan[list], paint));
	return `${[heading, ...lists].join('\n\n')}\n`;
}

function formatList(list: StepList, steps: readonly Step[], paint: Paint): string {
	const width = String(Math.max(steps.length - 1, 0)).length;
	const count = `${steps.length} step${steps.length === 1 ? '' : 's'}`;
	const lines = [`${paint('bold', list)}  ${WHERE[list]}, ${count}`];
	for (const [index, step] of steps.entries()) {
		if (step.phase !== steps[index - 1]?.phase) lines.push(`  ${paint('cyan', step.phase)}`);
		lines.push(`  ${paint('dim', String(index).padStart(width + 2))}  ${describeStep(step)}`);
		lines.push(`  ${' '.repeat(width + 4)}${paint('dim', notesOf(step))}`);
	}
	return lines.join('\n');
}

function notesOf({ why, from, tolerate, after }: Step): string {
	return printable(
		[
			why,
			...(from === undefined ? [] : [from]),
			...(tolerate === undefined || tolerate.length === 0 ? [] : [`accepts ${tolerate.map(errnoName).join(', ')}`]),
			...(after === undefined ? [] : [`only after setup ${after}`]),
		].join(' · '),
	);
}
