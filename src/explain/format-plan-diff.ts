import type { Phase, StepList } from '../plan/step.ts';
import { CLONE_NAMES, flagNames } from './flag-names.ts';
import { notesOf, type PlanText, WHERE } from './format-plan.ts';
import { type Paint, painter } from './paint.ts';
import { type DiffLine, diffPlans, type NamedPlan, type PlanDiff } from './plan-diff.ts';
import { valueToJson } from './plan-to-json.ts';
import { printable } from './printable.ts';

/** A plan and what it is called in the heading. */
export interface TitledPlan extends NamedPlan {
	readonly title: string;
}

const MARKS = { first: '-', second: '+', both: ' ' } as const;

/**
 * What the second plan does otherwise than the first: steps of the first alone with a minus, of the second alone with a plus, each
 * with the reason that its plan gives; steps that both have are counted.
 */
export function formatPlanDiff(first: TitledPlan, second: TitledPlan, { colour, only }: PlanText): string {
	const paint = painter(colour);
	const diff = differences(first, second, only);
	const lists = (['setup', 'init', 'teardown'] as const)
		.filter(list => diff[list].some(isDifferent))
		.map(list => `${paint('bold', list)}  ${WHERE[list]}\n${formatList(diff[list], paint)}`);
	const titles = [
		paint('red', `- ${printable(first.title)}`),
		paint('green', `+ ${printable(second.title)}`),
		...namespacesOf(first, second),
	];
	if (lists.length === 0) return `${titles.join('\n')}\n\nno step differs\n`;
	return `${[titles.join('\n'), ...lists].join('\n\n')}\n`;
}

/** The lines of {@link diffPlans} that are on one side only, as JSON. */
export function planDiffToJson(first: NamedPlan, second: NamedPlan, only?: readonly Phase[]): string {
	const lists = Object.entries(differences(first, second, only));
	return valueToJson(Object.fromEntries(lists.map(([list, lines]) => [list, lines.filter(isDifferent)])));
}

/** {@link diffPlans}, of some phases alone. */
function differences(first: NamedPlan, second: NamedPlan, only: readonly Phase[] | undefined): PlanDiff {
	const diff = diffPlans(first, second);
	const shown = (list: StepList) => diff[list].filter(({ step }) => only?.includes(step.phase) !== false);
	return { setup: shown('setup'), init: shown('init'), teardown: shown('teardown') };
}

const isDifferent = ({ side }: DiffLine): boolean => side !== 'both';

function namespacesOf({ plan: first }: NamedPlan, { plan: second }: NamedPlan): readonly string[] {
	if (first.cloneFlags === second.cloneFlags) return [];
	const names = (flags: number): string => (flags === 0 ? 'none' : flagNames(flags, CLONE_NAMES));
	return [`new namespaces: ${names(first.cloneFlags)}, then ${names(second.cloneFlags)}`];
}

function formatList(lines: readonly DiffLine[], paint: Paint): string {
	const text: string[] = [];
	let same = 0;
	let phase: Phase | undefined;
	const flush = (): void => {
		if (same > 0) text.push(paint('dim', `    … ${same} step${same === 1 ? '' : 's'} of both`));
		same = 0;
	};
	for (const line of lines) {
		if (!isDifferent(line)) {
			same++;
			continue;
		}
		flush();
		if (line.step.phase !== phase) text.push(`  ${paint('cyan', line.step.phase)}`);
		phase = line.step.phase;
		text.push(paint(line.side === 'first' ? 'red' : 'green', `  ${MARKS[line.side]} ${line.call}`));
		text.push(`      ${paint('dim', notesOf(line.step))}`);
	}
	flush();
	return text.join('\n');
}
