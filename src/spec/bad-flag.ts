import { TsrunError } from '../core/errors.ts';

/** What is wrong with the value of a flag, and a value that would be right. */
export interface FlagFault {
	/** Continues the sentence after the value: `is not a size`. */
	readonly problem: string;
	/** A whole flag with a good value: `--memory 512m`. */
	readonly example?: string;
	/** Another hint than the example. */
	readonly hint?: string;
}

/** TSRUN_BAD_FLAG: the flag, the value as it was given, and an example in the hint. */
export function badFlag(flag: string, value: string, { problem, example, hint }: FlagFault): TsrunError {
	const advice = hint ?? (example === undefined ? undefined : `for example ${example}`);
	return new TsrunError(
		'TSRUN_BAD_FLAG',
		`${flag} ${JSON.stringify(value.slice(0, 200))} ${problem}`,
		advice === undefined ? {} : { hint: advice },
	);
}
