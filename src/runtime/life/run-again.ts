import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseContainerId } from '../../core/brands.ts';
import { join } from '../../core/paths.ts';
import { nextRun, type RestartCount } from '../../core/restart-policy.ts';
import { becomeMachine } from '../../native/machine.ts';
import { containerStateDir, readContainer, STOPPED, type StateDirectory } from '../../state/state-directory.ts';
import { prepareAnotherRun, RESTARTS } from './start-stored.ts';

/** Where the machine leaves the locked progress file to what it becomes (native/init.c). */
const PROGRESS_FD = 3;

/**
 * What a supervisor becomes when its container has ended: it waits, and becomes the supervisor of another run, or ends. The lock that
 * says that somebody looks after the container stays with this process all along.
 * @returns the container's exit code where there is no other run
 */
export async function runAgain(directory: StateDirectory, text: string, program: readonly string[]): Promise<number> {
	const id = parseContainerId(text);
	const record = readContainer(directory, id);
	if (record?.state.run === undefined) return 0;
	const { exitCode = 0, started = 0n, finished = 0n } = record.progress;
	const path = containerStateDir(directory, id);
	const wasStopped = (): boolean => existsSync(join(path, STOPPED));
	const lasted = Number(finished - started) / 1e6;
	const next = nextRun(
		record.state.run.restart,
		{ exitCode, lasted, wasStopped: wasStopped() },
		readCount(join(path, RESTARTS)),
	);
	if (next === undefined) return exitCode;
	writeFileSync(join(path, RESTARTS), JSON.stringify(next));
	await setTimeout(next.delay);
	if (wasStopped()) return exitCode;
	return becomeMachine(prepareAnotherRun(directory, record, { program, progressFd: PROGRESS_FD }));
}

export function readCount(path: string): RestartCount {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as RestartCount;
	} catch {
		return { restarts: 0, delay: 0 };
	}
}
