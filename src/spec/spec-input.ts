import type { ContainerId } from '../core/brands.ts';
import type { ImageExecution } from '../oci/image-spec.ts';
import type { ResolvedUser } from './resolve-user.ts';
import type { RunOptions } from './run-options.ts';

/** All that {@link createSpec} makes a config.json from. */
export interface SpecInput {
	readonly image: ImageExecution;
	readonly options: RunOptions;
	/** The words after the image on the command line. */
	readonly args: readonly string[];
	readonly id: ContainerId;
	readonly user: ResolvedUser;
	/** Host path of the root file system. */
	readonly rootfs: string;
	/** Host paths of the container's own files, bound over those of the image. */
	readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string };
	/** Host directory for what is written to overlays above host directories. */
	readonly overlays: string;
	readonly terminalSize?: { readonly height: number; readonly width: number };
	readonly host: SpecHost;
	/** Namespace files to join, for each flag that says `container:…`; `user` where that container has one of its own. */
	readonly joined: Readonly<Partial<Record<JoinableNamespace, string>>>;
	/** Host path of the other container's /dev/shm, for `--ipc container:…`; without it /dev/shm is new. */
	readonly joinedShm?: string;
	/** Host directories of the volumes, by destination: one for each of {@link containerVolumes}. */
	readonly volumes: Readonly<Record<string, { readonly path: string; readonly readonly: boolean }>>;
	/** The parsed JSON of the file that `--security-opt seccomp=` names. */
	readonly seccompProfile?: unknown;
	/** For `--userns private`: ids 0 to size - 1 of the container are first… on the host. */
	readonly idRange?: { readonly first: number; readonly size: number };
}

export type JoinableNamespace = 'pid' | 'ipc' | 'uts' | 'network' | 'user';

/** What a config.json depends on of the host. The plan's HostFacts fit, with a host name added. */
export interface SpecHost {
	readonly hostname: string;
	readonly arch: 'x64' | 'arm64';
	readonly kernel: { readonly major: number; readonly minor: number };
	readonly lastCapability: number;
	/** Effective capabilities of this process, a bit mask. */
	readonly capabilities: bigint;
	readonly syscalls: { readonly mountSetattr: boolean };
	readonly cgroup: { readonly mode: 'unified' | 'legacy' | 'hybrid' | 'none' | 'denied' };
	/** Device nodes by host path: what --device names (of a directory, all below it); with --privileged, all of /dev. */
	readonly devices: Readonly<Record<string, DeviceNode>>;
	/** The directories /sys/devices/system/cpu/cpu<n>/thermal_throttle that exist: masked, since they tell of the neighbours. */
	readonly thermalThrottle?: readonly string[];
}

export interface DeviceNode {
	readonly type: 'c' | 'b' | 'p';
	readonly major: number;
	readonly minor: number;
	/** Permission bits. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
}
