import type { Plan } from '../plan/step.ts';

/** The plan as JSON text: it is plain data already, but for bytes, shown as `{"base64": …}`, and integers beyond 2^53, as strings. */
export const planToJson = (plan: Plan): string => valueToJson(plan);

/** Anything that holds steps, in the same form. */
export function valueToJson(value: unknown): string {
	return JSON.stringify(plainValue(value), undefined, '\t');
}

function plainValue(value: unknown): unknown {
	if (typeof value === 'bigint')
		return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
	if (value instanceof Uint8Array) return { base64: base64Of(value) };
	if (Array.isArray(value)) return value.map(plainValue);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainValue(field)]));
}

function base64Of(bytes: Uint8Array): string {
	return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}
