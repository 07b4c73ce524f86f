import { readFileSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { systemWords } from '../core/system-failure.ts';

/** The standard input. */
const STDIN = '-';

/**
 * A JSON file that a flag names; `-` is the standard input.
 * @throws TsrunError TSRUN_BAD_FILE naming flag and file
 */
export function readJsonFile(flag: string, path: string): unknown {
	try {
		return JSON.parse(readFileSync(path === STDIN ? 0 : path, 'utf8'));
	} catch (cause) {
		const problem =
			cause instanceof SyntaxError
				? `is not JSON: ${cause.message}`
				: `cannot be read: ${systemWords(cause) ?? (cause as Error).message}`;
		throw new TsrunError('TSRUN_BAD_FILE', `file ${path} of ${flag} ${problem}`, { cause });
	}
}
