import type { Step, StepList } from '../plan/step.ts';

/** Of the commands whose errors runc begins with these words. */
const BEGINNINGS: Readonly<Record<string, string>> = {
	create: 'runc create failed: ',
	run: 'runc run failed: ',
	exec: 'exec failed: ',
};
const START = 'unable to start container process: ';

export interface RuncFailure {
	readonly command: string;
	readonly message: string;
	/** The step that failed, if it was one. */
	readonly step?: { readonly step: Step; readonly list: StepList };
}

/** An error with the words that runc has around it, which scripts and runc's own tests look for. */
export function runcMessage({ command, message, step }: RuncFailure): string {
	const beginning = BEGINNINGS[command] ?? '';
	if (step === undefined || message.startsWith(START)) return `${beginning}${message}`;
	const isMount = step.step.from?.startsWith('/mounts/') === true;
	const where = step.list === 'init' ? 'error during container init: ' : '';
	return `${beginning}${START}${where}${isMount ? 'error mounting: ' : ''}${message}`;
}

/**
 * What init of runc itself says when execve(2) refuses a program that is there: bare, for nobody is left then who would write
 * a log entry. Undefined for any other failure.
 */
export function bareRefusal({ command, message, step }: RuncFailure): string | undefined {
	if (command !== 'run' && command !== 'create') return undefined;
	return step?.step.op === 'exec' && message.startsWith(`${START}exec `) ? message.slice(START.length) : undefined;
}
