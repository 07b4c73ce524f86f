import type { ContainerId } from '../core/brands.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HookState } from './hooks.ts';
import type { HostFacts } from './host-facts.ts';
import type { Subpath } from './mount-sources.ts';
import type { NetworkInput } from './network-input.ts';

/** All that a plan is made from. */
export interface PlanInput {
	readonly spec: RuntimeSpec;
	readonly facts: HostFacts;
	readonly container: ContainerInput;
}

/** What belongs to this one container and is in no config.json. */
export interface ContainerInput {
	readonly id: ContainerId;
	readonly rootfs: RootfsInput;
	readonly streams: { readonly stdin: StreamInput; readonly stdout: StreamInput; readonly stderr: StreamInput };
	/**
	 * For a container with a terminal: whether the caller's terminal goes raw, and whether its input is passed on. `plainLines`: what
	 * the program writes arrives unchanged, and the caller's terminal makes the line ends, as with runc.
	 */
	readonly terminal: { readonly raw: boolean; readonly input: boolean; readonly plainLines?: boolean };
	/** Sources of mounts that are paths inside of volumes. */
	readonly subpaths?: readonly Subpath[];
	/** Chroot instead of pivot_root, for roots that cannot be pivoted (an initramfs). */
	readonly noPivot: boolean;
	/** Pid 1 is tsrun's own reaper (`--init`). */
	readonly reaper: boolean;
	/** Who waits for its end. */
	readonly life: Life;
	/** Where the supervisor writes what is piped to it, instead of to the caller. */
	readonly log?: LogInput;
	readonly handOver: HandOver;
	/** Absent: hooks of the configuration are not run. */
	readonly hooks?: HookState;
	/** A session keyring of its own. */
	readonly newKeyring: boolean;
	/** Its cgroup is a scope of systemd's, in which a process holds the place of init. */
	readonly inScope?: boolean;
	/** Its bridge networks; the configuration has a new network namespace then. */
	readonly network?: NetworkInput;
	/** What teardown removes at the very end: directory trees first, then links, then the state directory. */
	readonly remove: {
		readonly trees: readonly string[];
		/** Links that lead to the container's id. */
		readonly links: readonly string[];
		/** Links to anonymous volumes in the trees, and what each says. */
		readonly volumeLinks?: readonly { readonly path: string; readonly target: string }[];
		readonly stateDir?: string;
	};
}

/**
 * `supervised`: the machine, to the end. `detached`: whoever called tsrun, once the program runs. `created`: the same, and init
 * waits for a byte from the fifo `start`, which it holds until its program runs.
 */
export type Life =
	| { readonly kind: 'supervised' }
	| { readonly kind: 'detached' }
	| { readonly kind: 'created'; readonly start: string };

export interface LogInput {
	/** Absolute; `/dev/null` where nothing is kept. */
	readonly path: string;
	/** Bytes of one file; 0: no limit. */
	readonly maxSize: number;
	/** How many there may be: the path, path.1 … */
	readonly files: number;
}

/** What the caller of the OCI command line is given of a container, when it is there. */
export interface HandOver {
	/** Unix socket that gets the terminal's master. */
	readonly consoleSocket?: string;
	/** Unix socket that gets a pidfd of init. */
	readonly pidfdSocket?: string;
	/** The file, and the name that it has until it is complete. */
	readonly pidFile?: { readonly path: string; readonly temporary: string };
}

/** `inherit`: the caller's descriptor; `pipe`: copied by the supervisor, so the container never holds the caller's terminal. */
export type StreamInput = 'inherit' | 'pipe' | 'null';

export type RootfsInput =
	| {
			readonly kind: 'overlay';
			/** Directory that the names in `lowerdirs` are relative to. */
			readonly layers: string;
			/** Topmost first. */
			readonly lowerdirs: readonly string[];
			/** The container's own directory; holds `upper`, `work` and `merged`. */
			readonly directory: string;
			/** Mount point of the host that holds `directory`; needed where rootfsPropagation is shared. */
			readonly mountpoint?: string;
	  }
	| { readonly kind: 'directory'; readonly path: string; readonly mountpoint?: string };

/** Where the root file system is while the plan runs. */
export function rootfsPath(rootfs: RootfsInput): string {
	return rootfs.kind === 'overlay' ? `${rootfs.directory}/merged` : rootfs.path;
}
