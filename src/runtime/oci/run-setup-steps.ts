import { TsrunError } from '../../core/errors.ts';
import { encodePlan } from '../../native/encode.ts';
import { runSetup } from '../../native/machine.ts';
import type { Plan, Step } from '../../plan/step.ts';
import { wordFailure } from '../report-failure.ts';

/**
 * Carries out setup steps for a process that is there already, such as hooks.
 * @param init whom the steps mean by init
 * @throws TsrunError of the step that failed; its exit code is 1
 */
export function runSetupSteps(setup: readonly Step[], init: number): void {
	if (setup.length === 0) return;
	const plan: Plan = { version: 1, cloneFlags: 0, setup, init: [], teardown: [] };
	const progress = runSetup(encodePlan(plan), init);
	if (progress.failed === undefined) return;
	const error = wordFailure(plan, progress, { isBundle: true });
	throw new TsrunError(error.code, error.message, {
		cause: error,
		exitCode: 1,
		...(error.hint === undefined ? {} : { hint: error.hint }),
	});
}
