import type { ContainerId } from '../core/brands.ts';

/** What is known of a container from the moment it exists, as `state.json` holds it. It never changes; progress does. */
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
}

/**
 * `creating`: between its first step and its program · `running` · `exited`: ended, its teardown done ·
 * `dead`: its supervisor is gone before the teardown was done; the next tsrun command does it.
 */
export type ContainerStatus = 'creating' | 'running' | 'exited' | 'dead';
