import type { StepOf } from '../plan/step.ts';

export interface HookEnd {
	/** As wait(2) tells it. */
	readonly status: number;
	/** How its output began. */
	readonly output: string;
}

/** What a seccomp filter kills with. */
const SIGSYS = 31;

/** How a hook ended, and what it said, in one line. */
export function hookFailure({ path, from }: StepOf<'hook'>, { status, output }: HookEnd): string {
	const kind = from?.split('/')[2] ?? '';
	const index = from?.split('/')[3] ?? '';
	const signal = status & 0x7f;
	const end =
		signal === 0 ? `exit status ${status >> 8}` : `signal ${signal}${signal === SIGSYS ? ': bad system call' : ''}`;
	const said = output.trim().replace(/\s*\n\s*/g, '; ');
	return `error running ${kind} hook #${index}: ${path}: ${end}${said === '' ? '' : `: ${said}`}`;
}
