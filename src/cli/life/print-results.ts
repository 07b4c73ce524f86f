import { reportError } from '../report-error.ts';

/** One line on stdout for each that went well, one on stderr for each that did not, and 1 as the exit code then. */
export function printResults(results: Iterable<{ readonly container: string; readonly error?: unknown }>): void {
	for (const { container, error } of results) {
		if (error === undefined) process.stdout.write(`${container}\n`);
		else {
			reportError(error);
			process.exitCode = 1;
		}
	}
}
