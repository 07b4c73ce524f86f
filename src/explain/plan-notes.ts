import { type Plan, STEP_LISTS, type Step } from '../plan/step.ts';

/** The plan for whoever words a failure later: compact JSON, byte ranges only by their length. */
export function planNotes(plan: Plan): string {
	const lists = STEP_LISTS.map(list => [list, plan[list].map(inJson)]);
	return JSON.stringify({ ...plan, ...Object.fromEntries(lists) });
}

/** Most steps are what they are in JSON; a replacer of JSON.stringify would be asked for each of their fields. */
function inJson(step: Step): object {
	const strange = Object.entries(step).filter(([, value]) => typeof value === 'bigint' || value instanceof Uint8Array);
	if (strange.length === 0) return step;
	return { ...step, ...Object.fromEntries(strange.map(([key, value]) => [key, plain(value)])) };
}

const plain = (value: bigint | Uint8Array): unknown =>
	typeof value === 'bigint' ? String(value) : { bytes: value.length };
