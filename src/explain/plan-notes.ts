import type { Plan } from '../plan/step.ts';

/** The plan for whoever words a failure later: compact JSON, byte ranges only by their length. */
export function planNotes(plan: Plan): string {
	return JSON.stringify(plan, (_, value: unknown) => {
		if (typeof value === 'bigint') return String(value);
		return value instanceof Uint8Array ? { bytes: value.length } : value;
	});
}
