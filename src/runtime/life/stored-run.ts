import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from '../../core/paths.ts';
import { whereItIs } from '../../core/where-it-is.ts';
import type { ContainerInput } from '../../plan/container-input.ts';
import type { NetworkRequest, PortRequest, RunOptions } from '../../spec/run-options.ts';
import type { ContainerState } from '../../state/container-state.ts';
import type { PreparedContainer } from '../prepare-container.ts';

/** Whose namespaces it is in: those of another container are others after its next start. */
export type Joins = Pick<RunOptions, 'pid' | 'ipc' | 'uts' | 'network'>;

/** What a container is made of again, beside its `config.json`: kept with its file system, so that it outlives a reboot. */
export interface StoredRun {
	readonly state: ContainerState;
	/** Without its networks: what it has of them is decided anew for each run. */
	readonly container: Omit<ContainerInput, 'network'>;
	readonly joins: Joins;
	/** Of a container in bridge networks. */
	readonly networks?: StoredNetworks;
}

export interface StoredNetworks {
	/** In the order of its interfaces. */
	readonly places: readonly StoredPlace[];
	readonly ports: readonly PortRequest[];
	/** By which others find it, beside its name. */
	readonly names: readonly string[];
	/** Of /etc/hosts, what does not come from networks. */
	readonly hosts: string;
	/** What it calls itself there. */
	readonly ownNames: string;
}

export interface StoredPlace {
	readonly request: NetworkRequest;
	/** Those that it had when it was there last. */
	readonly addresses: readonly string[];
}

const FILE = 'container.json';

/** What is kept of a container that has been prepared. */
export function storedRun(
	{ container, network }: Pick<PreparedContainer, 'container' | 'network'>,
	{ state, options }: { readonly state: ContainerState; readonly options: RunOptions },
): StoredRun {
	const { network: _, ...kept } = container;
	const { pid, ipc, uts, network: mode } = options;
	return {
		state,
		container: kept,
		joins: { pid, ipc, uts, network: mode },
		...(network === undefined ? {} : { networks: network.stored }),
	};
}

export function writeStoredRun(directory: string, stored: StoredRun): void {
	const path = join(directory, FILE);
	writeFileSync(`${path}.new`, JSON.stringify(stored), { mode: 0o600 });
	renameSync(`${path}.new`, path);
}

/** Undefined where the container cannot be started again: with `--rm`, or half made. */
export const readStoredRun = (directory: string): StoredRun | undefined =>
	whereItIs(() => JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as StoredRun);

const PLAN_FILE = 'plan';

/** The plan of its newest run: what that has set up is torn down by it, also after the state of containers was lost. */
export function keepPlan(directory: string, plan: Uint8Array): void {
	const path = join(directory, PLAN_FILE);
	writeFileSync(`${path}.new`, plan, { mode: 0o600 });
	renameSync(`${path}.new`, path);
}

/** Undefined where it was never started. */
export const readKeptPlan = (directory: string): Uint8Array | undefined =>
	whereItIs(() => readFileSync(join(directory, PLAN_FILE)));

/** Beside the one of the state directory, since it is to outlive that: the user has ended the container. */
const UNWANTED = 'stopped';

/** Half made or half removed, it has no directory. */
export function noteUnwanted(directory: string): void {
	whereItIs(() => writeFileSync(join(directory, UNWANTED), '', { mode: 0o600 }));
}

export const noteWanted = (directory: string): void => rmSync(join(directory, UNWANTED), { force: true });
export const isUnwanted = (directory: string): boolean => existsSync(join(directory, UNWANTED));
