import type { ContainerRecord } from './state-directory.ts';

/** Whether a container has a process by now. One of a bundle that waits for its start has one, one of `tsrun create` has none. */
export const hasProcess = ({ state, status }: ContainerRecord): boolean =>
	status === 'running' || (status === 'created' && state.bundle !== undefined);
