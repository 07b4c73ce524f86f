import { TsrunError } from '../../core/errors.ts';
import { runTeardown } from '../../native/machine.ts';
import { findContainer } from '../../state/find-container.ts';
import { reconcile } from '../../state/reconcile.ts';
import { readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { type Attachment, attach, prepareAttachment, requireAttachable } from './attach-container.ts';
import { startStored } from './start-stored.ts';

export interface AttachedStart {
	/** argv of this program. */
	readonly program: readonly string[];
	/** The container gets this process's input: by its fifo from a terminal, as it is otherwise, with its end. */
	readonly input: 'none' | 'terminal' | 'whole';
}

/**
 * docker's `start -a`: starts a container unless it runs, and is attached to it from its first byte on.
 * @returns the exit code where its program did not come to run: the failure has been worded then
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_CONTAINER_STATE, TSRUN_CANNOT_ATTACH
 */
export function startAttached(
	directory: StateDirectory,
	container: string,
	{ program, input }: AttachedStart,
): Attachment | number {
	reconcile(directory, runTeardown);
	const id = findContainer(directory, container);
	const record = readContainer(directory, id);
	if (record === undefined) throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${container}`);
	if (record.status === 'running') requireAttachable(record);
	const prepared = prepareAttachment(record);
	const isWhole = input === 'whole' && record.state.run?.interactive === true && record.status !== 'running';
	// it may have ended already, and be gone
	const attachment = attach(directory, prepared, input !== 'none' && !isWhole);
	const failed = startStored(directory, id, program, isWhole ? 0 : undefined);
	return failed === undefined ? attachment : (failed.exitCode ?? 125);
}
