import { type Plan, STEP_LISTS, type Step, type StepList } from './step.ts';

/** A step and where it stands. */
export interface StepPlace {
	readonly list: StepList;
	/** Its number in the list. */
	readonly index: number;
	/** Its number in the plan, counted through the lists. */
	readonly number: number;
	readonly step: Step;
}

/** Every step, list by list: a step's place is at its number. */
export const stepPlaces = (plan: Plan): readonly StepPlace[] =>
	STEP_LISTS.flatMap(list => plan[list].map((step, index) => ({ list, index, step }))).map((place, number) => ({
		...place,
		number,
	}));

/** Every step in the order in which they are carried out: a turn of one process is followed by what the other does until its own. */
export function inOrder(plan: Plan): readonly StepPlace[] {
	const places = stepPlaces(plan);
	const [setup = [], init = [], teardown = []] = STEP_LISTS.map(name => places.filter(({ list }) => list === name));
	let taken = 0;
	const turnOfInit = (): readonly StepPlace[] => {
		const end = init.findIndex(({ step }, index) => index >= taken && step.op === 'turn');
		const part = init.slice(taken, end < 0 ? init.length : end + 1);
		taken += part.length;
		return part;
	};
	const before = setup.flatMap(place => (place.step.op === 'turn' ? [place, ...turnOfInit()] : [place]));
	return [...before, ...init.slice(taken), ...teardown];
}
