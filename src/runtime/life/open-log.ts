import { errnoWords } from '../../core/errno.ts';
import { TsrunError } from '../../core/errors.ts';
import { findContainer } from '../../state/find-container.ts';
import { openStateDirectory, readContainer } from '../../state/state-directory.ts';
import { logFiles } from './log-files.ts';
import type { LogLine } from './log-line.ts';
import { readLog } from './read-log.ts';

/**
 * The lines that a container has written, and with `follow` those that it will write.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_NO_LOG
 */
export function openLog(
	stateRoot: string,
	container: string,
	{ follow, tail }: { readonly follow: boolean; readonly tail?: number },
): OpenedLog {
	const directory = openStateDirectory(stateRoot);
	const id = findContainer(directory, container);
	const record = readContainer(directory, id);
	const run = record?.state.run;
	if (run?.log === undefined) throw noLog(container, 'it was made with --log-driver none, or from a bundle');
	if (!run.detached && logFiles(run.log).length === 0)
		throw noLog(container, 'it ran in the foreground: its output went to its caller; --detach keeps a log');
	const errno = record?.status === 'running' ? record.progress.logErrno : undefined;
	return {
		lines: readLog({
			path: run.log,
			...(tail === undefined ? {} : { tail }),
			...(follow ? { follow: { directory, id } } : {}),
		}),
		...(errno === undefined
			? {}
			: { trouble: `the log ${run.log} cannot be written: ${errnoWords(errno)}; the container waits to write` }),
	};
}

export interface OpenedLog {
	readonly lines: AsyncIterable<LogLine>;
	/** Why what the container writes does not come into the log at the moment. */
	readonly trouble?: string;
}

function noLog(container: string, hint: string): TsrunError {
	return new TsrunError('TSRUN_NO_LOG', `container ${container} has no log`, { hint, exitCode: 1 });
}
