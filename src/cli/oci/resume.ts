import type { Command } from 'commander';
import { resumeContainer } from '../../runtime/oci/pause-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { forEachContainer } from './each-container.ts';
import { isCalledRunc } from './report-as-runc.ts';

/** `tsrun resume`: lets the processes of paused containers go on. */
export function declareCommand(command: Command): void {
	command
		.argument(isCalledRunc() ? '<id>' : '<container...>', 'id of the container')
		.action((words: string | readonly string[]) => {
			const { state } = rootsOf(command);
			forEachContainer(openStateDirectory(state), [words].flat(), container => resumeContainer(state, container));
		});
}
