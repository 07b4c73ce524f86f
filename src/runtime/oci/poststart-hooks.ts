import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { encodePlan } from '../../native/encode.ts';
import { runSetup } from '../../native/machine.ts';
import { hookSteps } from '../../plan/hooks.ts';
import type { Plan } from '../../plan/step.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { containerStateDir, readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { wordFailure } from '../report-failure.ts';

/**
 * Runs the hooks that come after the start of a created container (config.md, "Poststart").
 * @throws StepError of the hook that failed; the container is killed then, as runc does
 */
export function runPoststartHooks(directory: StateDirectory, id: ContainerId): void {
	const record = readContainer(directory, id);
	if (record?.state.bundle === undefined) return;
	const spec = validateSpec(JSON.parse(readFileSync(join(containerStateDir(directory, id), 'config.json'), 'utf8')));
	const setup = hookSteps(spec, { id, bundle: record.state.bundle.path }, ['poststart']);
	if (setup.length === 0) return;
	const plan: Plan = { version: 1, cloneFlags: 0, setup, init: [], teardown: [] };
	const progress = runSetup(encodePlan(plan), record.progress.init);
	if (progress.failed === undefined) return;
	process.kill(record.progress.init, 'SIGKILL');
	const error = wordFailure(plan, progress, { isBundle: true });
	throw new TsrunError(error.code, error.message, {
		cause: error,
		exitCode: 1,
		...(error.hint === undefined ? {} : { hint: error.hint }),
	});
}
