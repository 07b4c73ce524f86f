import { EXIT_TSRUN_FAILED, TsrunError } from '../core/errors.ts';
import { systemFailure } from '../core/system-failure.ts';
import { printable } from '../explain/printable.ts';

/** Prints an error for a person on stderr, and returns the exit code. A bug shows its stack. */
export function reportError(error: unknown): number {
	if (error instanceof TsrunError) {
		process.stderr.write(errorText(error));
		return error.exitCode;
	}
	const failure = systemFailure(error);
	if (failure !== undefined) return reportError(failure);
	process.stderr.write(`tsrun: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	return EXIT_TSRUN_FAILED;
}

/** One line for what happened, one for the step that failed, as `tsrun plan` has it, and one for what to try. */
export function errorText({ message, call, hint }: ErrorText): string {
	const more = Object.entries({ step: call, hint }).filter(([, text]) => text !== undefined);
	return [`tsrun: ${message}`, ...more.map(([name, text]) => `  ${name}: ${text}`)]
		.map(line => `${printable(line)}\n`)
		.join('');
}

/** A {@link TsrunError}, which may be a StepError. */
interface ErrorText extends Pick<TsrunError, 'message' | 'hint'> {
	readonly call?: string | undefined;
}
