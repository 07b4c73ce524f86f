import type { ContainerId } from '../core/brands.ts';
import { runTeardown } from '../native/machine.ts';
import type { ContainerState, ContainerStatus } from '../state/container-state.ts';
import { reconcile } from '../state/reconcile.ts';
import { listContainerIds, readContainer } from '../state/state-directory.ts';
import { openContainerRoots } from './open-container-roots.ts';

export interface ContainerSummary {
	readonly id: ContainerId;
	readonly name: string;
	readonly image: string;
	readonly command: readonly string[];
	/** ISO 8601. */
	readonly created: string;
	readonly status: ContainerStatus;
	/** Of init on the host, while it runs. */
	readonly pid?: number;
	readonly exitCode?: number;
	readonly labels: ContainerState['labels'];
}

/** All containers, newest first; what is dead is torn down before. */
export function listContainers(roots: { readonly data: string; readonly state: string }): readonly ContainerSummary[] {
	const { state: directory } = openContainerRoots(roots);
	reconcile(directory, runTeardown);
	return listContainerIds(directory)
		.flatMap(id => readContainer(directory, id) ?? [])
		.map(({ state, status, progress }) => {
			const { id, name, image, command, labels } = state;
			const created = new Date(state.created).toISOString();
			const end = status === 'exited' && progress.exitCode !== undefined ? { exitCode: progress.exitCode } : {};
			return {
				id,
				name,
				image,
				command,
				created,
				status,
				labels,
				...(status === 'running' ? { pid: progress.init } : end),
			};
		})
		.sort((a, b) => b.created.localeCompare(a.created));
}
