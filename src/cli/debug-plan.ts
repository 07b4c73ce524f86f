import type { Plan } from '../plan/step.ts';
import { printError } from './print-error.ts';

/** What is asked for by `TSRUN_DEBUG`, words between commas: with `plan`, every step is told on standard error before the first is carried out. */
export async function debugPlan(): Promise<((plan: Plan) => void) | undefined> {
	if (process.env.TSRUN_DEBUG?.split(',').includes('plan') !== true) return undefined;
	const { planLines } = await import('../explain/plan-lines.ts');
	return plan =>
		printError(
			planLines(plan)
				.map(line => `plan: ${line}\n`)
				.join(''),
		);
}
