import type { Difference } from './differences.ts';

/** What becomes of one step. */
export interface Commands {
	/** Lines of bash. None: another step, or the script as a whole, does it. */
	readonly lines: readonly string[];
	/** What of the step bash cannot do. */
	readonly missing?: Difference;
}

export const lines = (...text: readonly string[]): Commands => ({ lines: text });
export const missing = (difference: Difference): Commands => ({ lines: [], missing: difference });
export const NOTHING: Commands = { lines: [] };
