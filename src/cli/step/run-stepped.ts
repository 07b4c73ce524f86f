import { TsrunError } from '../../core/errors.ts';
import { parseBreakpoint } from '../../explain/step/breakpoints.ts';
import type { RunRequest } from '../../runtime/prepare-container.ts';
import { runStepped } from '../../runtime/run.ts';
import { printError } from '../print-error.ts';
import { stepConsole } from './step-console.ts';

export interface StepFlags {
	readonly step?: boolean;
	readonly break?: readonly string[];
	readonly trace?: string;
}

const NARROWEST = 80;
/** Where no terminal says how wide it is. */
const USUAL_WIDTH = 110;

/**
 * `tsrun run --step`: commands come by standard input, what there is to see goes to standard error, and standard output is the container's.
 * @returns the exit code of the container; 125 where the run was quit before its end
 */
export async function runStepwise(request: RunRequest, reporter: readonly string[], flags: StepFlags): Promise<number> {
	requireAlone(request.options, flags);
	const breakpoints = flags.break ?? [];
	for (const text of breakpoints) parseBreakpoint(text, '--break');
	const [isTerminal, , colour] = request.terminals;
	const width = colour ? Math.max(NARROWEST, process.stderr.columns) : USUAL_WIDTH;
	const exitCode = await runStepped(
		request,
		reporter,
		stepConsole({ isTerminal, colour, width, breakpoints, print: printError }),
	);
	printError(`── ended with exit code ${exitCode}\n`);
	return exitCode;
}

function requireAlone({ detach, interactive, tty, restart }: RunRequest['options'], { trace, step }: StepFlags): void {
	const conflict = (flag: string, reason: string): TsrunError =>
		new TsrunError(
			'TSRUN_BAD_FLAG',
			`${step === true ? '--step' : '--break'} and ${flag} exclude each other: ${reason}`,
		);
	if (detach) throw conflict('--detach', 'nobody would say when to go on');
	if (interactive)
		throw conflict('--interactive', 'standard input is for the commands, and that of the container is empty');
	if (tty) throw conflict('--tty', 'the terminal is for the commands');
	if (restart.kind !== 'no') throw conflict('--restart', 'one run is stepped through');
	if (trace !== undefined) throw conflict('--trace', 'it would time who steps');
}
