import { type Plan, STEP_LISTS, type Step, type StepList } from '../plan/step.ts';
import { describeStep } from './describe-step.ts';

/** A plan and the id of its container: that and the names made of it are no difference. */
export interface NamedPlan {
	readonly plan: Plan;
	readonly id: string;
}

/** One line of a comparison: a step of the first plan, of the second, or of both. */
export interface DiffLine {
	readonly side: 'first' | 'second' | 'both';
	/** Place in its list; of the second plan where the step is only there. */
	readonly index: number;
	readonly step: Step;
	/** The step as one call, with `<id>` for the id of its container, `<volume>` for an anonymous one. */
	readonly call: string;
}

export type PlanDiff = Readonly<Record<StepList, readonly DiffLine[]>>;

/** What two plans do differently, list by list. Steps are the same where their calls are; why they are there may differ. */
export function diffPlans(first: NamedPlan, second: NamedPlan): PlanDiff {
	const lists = STEP_LISTS.map(list => [list, diffLists(linesOf(first, list), linesOf(second, list))] as const);
	return Object.fromEntries(lists) as PlanDiff;
}

type Line = Omit<DiffLine, 'side'>;

function linesOf({ plan, id }: NamedPlan, list: StepList): readonly Line[] {
	const pattern = patternOf(id);
	return plan[list].map((step, index) => ({ index, step, call: withoutNames(describeStep(step), pattern) }));
}

/** An id as a whole word; of one that docker would shorten also its first twelve digits, which is the host name. */
function patternOf(id: string): RegExp {
	if (/^[0-9a-f]{64}$/.test(id)) return new RegExp(`${id}|${id.slice(0, 12)}`, 'g');
	return new RegExp(`(?<![\\w.])${id.replaceAll(/[.+]/g, '\\$&')}(?![\\w.])`, 'g');
}

/** The longest common subsequence stays; what is left is on one side only, the first plan's before the second's. */
function diffLists(first: readonly Line[], second: readonly Line[]): readonly DiffLine[] {
	const lengths = commonLengths(first, second);
	const lines: DiffLine[] = [];
	let [one, other] = [0, 0];
	while (one < first.length || other < second.length) {
		const [left, right] = [first[one], second[other]];
		if (left !== undefined && right !== undefined && left.call === right.call) {
			lines.push({ side: 'both', ...left });
			one++;
			other++;
		} else if (
			left !== undefined &&
			(right === undefined || at(lengths, one + 1, other) >= at(lengths, one, other + 1))
		) {
			lines.push({ side: 'first', ...left });
			one++;
		} else if (right !== undefined) {
			lines.push({ side: 'second', ...right });
			other++;
		}
	}
	return lines;
}

/** `[i][j]`: how much the lists have in common from i and j on. */
function commonLengths(first: readonly Line[], second: readonly Line[]): readonly Uint16Array[] {
	const lengths = Array.from({ length: first.length + 1 }, () => new Uint16Array(second.length + 1));
	for (let one = first.length - 1; one >= 0; one--) {
		const row = lengths[one] as Uint16Array;
		for (let other = second.length - 1; other >= 0; other--) {
			row[other] =
				first[one]?.call === second[other]?.call
					? at(lengths, one + 1, other + 1) + 1
					: Math.max(at(lengths, one + 1, other), at(lengths, one, other + 1));
		}
	}
	return lengths;
}

const at = (lengths: readonly Uint16Array[], one: number, other: number): number => lengths[one]?.[other] ?? 0;

function withoutNames(call: string, id: RegExp): string {
	return call.replaceAll(id, '<id>').replace(/\/volumes\/[0-9a-f]{64}(?![0-9a-f])/g, '/volumes/<volume>');
}
