import type { ContainerId } from '../core/brands.ts';
import type { HealthCheck } from '../core/health-check.ts';
import type { RestartPolicy } from '../core/restart-policy.ts';

/** What is known of a container from the moment it exists, as `state.json` holds it. Only its name ever changes; progress does. */
export interface ContainerState {
	readonly version: 1;
	readonly id: ContainerId;
	readonly name: string;
	/** The image as the user named it, and the digest of its manifest. */
	readonly image: string;
	readonly imageDigest: string;
	readonly command: readonly string[];
	/** Milliseconds since the epoch. A Date would load the time zones, which takes longer than all else of the state (9 ms). */
	readonly created: number;
	/** The container's own directory: its upper layer, its files. */
	readonly directory: string;
	readonly labels: Readonly<Record<string, string>>;
	/** Removed when it ends (`--rm`). */
	readonly autoRemove: boolean;
	/** Of a container of the OCI command line. */
	readonly bundle?: BundleState;
	/** Of a container of `tsrun run`. */
	readonly run?: RunState;
}

/** What `start`, `stop`, `logs` and `attach` go by. */
export interface RunState {
	/** In the background, with a log, and an input that can be attached to. */
	readonly detached: boolean;
	readonly tty: boolean;
	readonly interactive: boolean;
	/** A signal's number. */
	readonly stopSignal: number;
	/** Seconds between that and SIGKILL; -1: for ever. */
	readonly stopTimeout: number;
	readonly restart: RestartPolicy;
	readonly health?: HealthCheck;
	/** As those of a bundle. */
	readonly cgroups: Readonly<Record<string, string>>;
	/** Absolute path of its log; absent where none is kept. */
	readonly log?: string;
}

export interface BundleState {
	/** Directory of the bundle, absolute. */
	readonly path: string;
	readonly rootfs: string;
	readonly annotations?: Readonly<Record<string, string>>;
	/** False: its end is noticed by whoever called tsrun, and its teardown is the `delete`. */
	readonly supervised: boolean;
	/** Its directories in the cgroup hierarchies: `unified`, and one for each v1 controller. */
	readonly cgroups: Readonly<Record<string, string>>;
	/** The unit of systemd that they belong to. */
	readonly scope?: string;
	/** User who made it. */
	readonly owner: number;
}

/**
 * `creating`: between its first step and its program · `created`: it waits for its start, and has a process only where it was made from a bundle · `running` · `stopped`: ended, to be
 * deleted by whoever created it · `exited`: ended, its teardown done · `restarting`: the same, and it will run again · `dead`: its supervisor is gone before the teardown was
 * done; the next tsrun command does it.
 */
export type ContainerStatus = 'creating' | 'created' | 'running' | 'stopped' | 'exited' | 'restarting' | 'dead';
