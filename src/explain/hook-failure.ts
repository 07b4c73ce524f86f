import type { StepOf } from '../plan/step.ts';

/** How a hook ended, from its status as wait(2) tells it. */
export function hookFailure({ path, from }: StepOf<'hook'>, status: number): string {
	const kind = from?.split('/')[2] ?? '';
	const index = from?.split('/')[3] ?? '';
	const signal = status & 0x7f;
	const end = signal === 0 ? `exit status ${status >> 8}` : `signal ${signal}`;
	return `error running ${kind} hook #${index}: ${path}: ${end}`;
}
