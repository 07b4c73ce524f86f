import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from '../../core/paths.ts';
import type { ContainerInput } from '../../plan/container-input.ts';
import type { RunOptions } from '../../spec/run-options.ts';
import type { ContainerState } from '../../state/container-state.ts';

/** Whose namespaces it is in: those of another container are others after its next start. */
export type Joins = Pick<RunOptions, 'pid' | 'ipc' | 'uts' | 'network'>;

/** What a container is made of again, beside its `config.json`: kept with its file system, so that it outlives a reboot. */
export interface StoredRun {
	readonly state: ContainerState;
	readonly container: ContainerInput;
	readonly joins: Joins;
}

const FILE = 'container.json';

export const joinsOf = ({ pid, ipc, uts, network }: RunOptions): Joins => ({ pid, ipc, uts, network });

export function writeStoredRun(directory: string, stored: StoredRun): void {
	const path = join(directory, FILE);
	writeFileSync(`${path}.new`, JSON.stringify(stored), { mode: 0o600 });
	renameSync(`${path}.new`, path);
}

/** Undefined where the container cannot be started again: with `--rm`, or half made. */
export function readStoredRun(directory: string): StoredRun | undefined {
	try {
		return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as StoredRun;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}
