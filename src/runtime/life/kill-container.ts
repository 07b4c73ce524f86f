import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { SIGKILL } from '../../plan/linux-constants.ts';
import { reconcile } from '../../state/reconcile.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { findBundleContainer } from '../oci/find-bundle-container.ts';
import { killContainer } from '../oci/kill-container.ts';
import { killSupervisor } from './kill-supervisor.ts';
import { noteStopped } from './stop-containers.ts';
import { waitForEnd } from './wait-for-end.ts';

const SIGTERM = 15;
/** docker's: what is killed has ended within this time, or the kernel holds it. */
const KILL_MS = 10_000;

export interface KillRunRequest {
	readonly signal: number;
	/** Every process, not only the first. */
	readonly all: boolean;
}

/**
 * docker's `kill`. A signal that asks for the end, SIGKILL or the container's own, ends its restarts too; after SIGKILL it has ended.
 * @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING
 */
export function killRunContainer(directory: StateDirectory, container: string, { signal, all }: KillRunRequest): void {
	const record = findBundleContainer(directory, container);
	const { id, run } = record.state;
	const asksForEnd = signal === SIGKILL || signal === run?.stopSignal;
	if (record.status === 'restarting' && asksForEnd) {
		noteStopped(directory, record);
		killSupervisor(directory, id, record.progress.supervisor, SIGTERM);
		return;
	}
	if (record.status !== 'running') {
		throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${container} is not running`, { exitCode: 1 });
	}
	if (asksForEnd) noteStopped(directory, record);
	killContainer({ stateRoot: directory.root, container: id, signal, all });
	if (signal !== SIGKILL) return;
	try {
		waitForEnd(directory, id, KILL_MS);
	} catch (error) {
		// with --rm it is gone
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
	reconcile(directory, runTeardown);
}
