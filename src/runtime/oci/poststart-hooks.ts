import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { hookSteps } from '../../plan/hooks.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { containerStateDir, readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { runSetupSteps } from './run-setup-steps.ts';

/**
 * Runs the hooks that come after the start of a created container (config.md, "Poststart").
 * @throws StepError of the hook that failed; the container is killed then, as runc does
 */
export function runPoststartHooks(directory: StateDirectory, id: ContainerId): void {
	const record = readContainer(directory, id);
	if (record?.state.bundle === undefined) return;
	const spec = validateSpec(JSON.parse(readFileSync(join(containerStateDir(directory, id), 'config.json'), 'utf8')));
	const setup = hookSteps(spec, { id, bundle: record.state.bundle.path }, ['poststart']);
	try {
		runSetupSteps(setup, record.progress.init);
	} catch (error) {
		process.kill(record.progress.init, 'SIGKILL');
		throw error;
	}
}
