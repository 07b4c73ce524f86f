import type { ContainerRecord } from '../../state/state-directory.ts';

/** The container's directory in each cgroup hierarchy: `unified`, and one for each v1 controller. */
export function containerCgroups({ state }: ContainerRecord): Readonly<Record<string, string>> {
	return state.bundle?.cgroups ?? state.run?.cgroups ?? {};
}
