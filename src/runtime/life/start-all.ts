import { wantsStart } from '../../core/restart-policy.ts';
import { runTeardown } from '../../native/machine.ts';
import { reconcile } from '../../state/reconcile.ts';
import { listContainerIds, readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { startOne } from './restart-containers.ts';
import type { StopResult } from './stop-containers.ts';
import { isUnwanted, readStoredRun, type StoredRun } from './stored-run.ts';

/**
 * Starts each container that has ended and whose restart policy says so, as docker's daemon does when it starts. Who lives in namespaces of
 * another comes after those who do not.
 */
export function startAll(directory: StateDirectory, program: readonly string[]): readonly StopResult[] {
	reconcile(directory, runTeardown);
	const wanted = listContainerIds(directory).flatMap((id): readonly StoredRun[] => {
		const record = readContainer(directory, id);
		if (record?.status !== 'exited' || record.state.run === undefined) return [];
		const { directory: own, run } = record.state;
		const stored = wantsStart(run.restart, isUnwanted(own)) ? readStoredRun(own) : undefined;
		return stored === undefined ? [] : [stored];
	});
	return [...wanted.filter(each => !isGuest(each)), ...wanted.filter(isGuest)].map(({ state }) => {
		const { error } = startOne(directory, state.id, program);
		return error === undefined ? { container: state.name } : { container: state.name, error };
	});
}

const isGuest = ({ joins }: StoredRun): boolean => Object.values(joins).some(({ kind }) => kind === 'container');
