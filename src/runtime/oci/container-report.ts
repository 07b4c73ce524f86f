import { OCI_VERSION } from '../../oci/runtime-spec.ts';
import type { ContainerRecord } from '../../state/state-directory.ts';
import { isFrozen } from './freezer.ts';

/** What `state` and `list` tell of a container: runtime.md, "State", and what runc adds to it. */
export interface ContainerReport {
	readonly ociVersion: string;
	readonly id: string;
	/** On the host; 0 where there is none. */
	readonly pid: number;
	readonly status: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
	readonly bundle: string;
	readonly rootfs: string;
	/** RFC 3339. */
	readonly created: string;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly owner: string;
}

export function reportContainer(record: ContainerRecord, owner = ''): ContainerReport {
	const { state, progress } = record;
	const { path, rootfs, annotations } = state.bundle ?? withoutBundle(state.directory);
	const status = statusOf(record);
	return {
		ociVersion: OCI_VERSION,
		id: state.id,
		pid: status === 'stopped' || status === 'creating' ? 0 : progress.init,
		status,
		bundle: path,
		rootfs,
		created: new Date(state.created).toISOString(),
		...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
		owner,
	};
}

/** A container of `tsrun run` has no bundle: its own directory stands for it. */
const withoutBundle = (directory: string) => ({ path: directory, rootfs: '', annotations: undefined });

function statusOf({ state, status }: ContainerRecord): ContainerReport['status'] {
	switch (status) {
		case 'exited':
		case 'restarting':
		case 'dead':
			return 'stopped';
		case 'created':
		case 'running':
			return isFrozen(state.bundle?.cgroups ?? state.run?.cgroups ?? {}) ? 'paused' : status;
		default:
			return status;
	}
}
