import type { RestartPolicy } from '../core/restart-policy.ts';
import type { VolumeName } from '../core/volume-name.ts';
import type { Rlimit } from '../oci/runtime-spec.ts';
import type { IdMap } from './parse-id-map.ts';

/** The flags of `tsrun run`, parsed: names and meanings are docker's. Absent fields leave the default or the image's value. */
export interface RunOptions {
	readonly name?: string;
	readonly rm: boolean;
	/** In the background: `run` prints the id, and ends when the program runs. */
	readonly detach: boolean;
	/** What becomes of the output of a container in the background. */
	readonly log: LogOptions;
	readonly restart: RestartPolicy;
	/** Seconds between the stop signal and SIGKILL; -1 waits for ever. */
	readonly stopTimeout?: number;
	readonly health: HealthOptions;
	readonly interactive: boolean;
	readonly tty: boolean;
	/** In order, those of --env-file first. `NAME=value`; a bare `NAME` takes the variable away. */
	readonly env: readonly string[];
	readonly user?: string;
	readonly groupAdd: readonly string[];
	/** Absolute. */
	readonly workdir?: string;
	/** --volume, --mount and --tmpfs, in this order. */
	readonly mounts: readonly MountRequest[];
	readonly readOnly: boolean;
	readonly hostname?: string;
	readonly domainname?: string;
	readonly addHosts: readonly HostEntry[];
	readonly dns: readonly string[];
	readonly dnsSearch: readonly string[];
	readonly dnsOptions: readonly string[];
	/** Empty: the image's entrypoint is taken away. */
	readonly entrypoint?: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly init: boolean;
	readonly privileged: boolean;
	/** `CAP_…` or `ALL`. */
	readonly capAdd: readonly string[];
	readonly capDrop: readonly string[];
	readonly seccomp: SeccompChoice;
	readonly noNewPrivileges: boolean;
	readonly devices: readonly DeviceRequest[];
	readonly sysctl: Readonly<Record<string, string>>;
	/** Types are the specification's: `RLIMIT_NOFILE`. */
	readonly ulimits: readonly Rlimit[];
	/** Bytes. */
	readonly shmSize?: number;
	readonly pid: NamespaceMode;
	readonly ipc: NamespaceMode;
	readonly uts: NamespaceMode;
	readonly network: NetworkMode;
	readonly publish: readonly PortRequest[];
	/** Every exposed port, at a port of the host that the kernel chooses. */
	readonly publishAll: boolean;
	/** Beside those of the image. */
	readonly expose: readonly ExposedPort[];
	readonly userns: UsernsMode;
	readonly cgroupns: 'private' | 'host';
	readonly cgroupParent?: string;
	readonly resources: ResourceOptions;
	/** -1000 to 1000. */
	readonly oomScoreAdj?: number;
	/** Signal number. */
	readonly stopSignal?: number;
	readonly cidfile?: string;
	/** `os`, `os/architecture` or `os/architecture/variant`. */
	readonly platform?: string;
	readonly pull: 'missing' | 'never' | 'always';
	readonly noPivot: boolean;
}

/** `maxSize`: bytes of one file, 0 for no limit; `files`: the newest and those that were full before. */
export type LogOptions =
	| { readonly kind: 'file'; readonly maxSize: number; readonly files: number }
	| { readonly kind: 'none' };

/** What is absent is as the image has it. */
export interface HealthOptions {
	/** `--no-healthcheck`. */
	readonly isOff: boolean;
	/** A line of the shell. */
	readonly command?: string;
	readonly intervalMs?: number;
	readonly timeoutMs?: number;
	readonly startPeriodMs?: number;
	readonly retries?: number;
}

export type Propagation = 'private' | 'rprivate' | 'slave' | 'rslave' | 'shared' | 'rshared';

export type MountRequest =
	| {
			readonly kind: 'bind';
			/** Absolute host path. */
			readonly source: string;
			readonly destination: string;
			readonly readonly: boolean;
			readonly propagation: Propagation;
			readonly recursive: BindRecursive;
			/** As `-v` does, and `--mount` does not: a missing source becomes a directory. */
			readonly createSource: boolean;
			/** Ids of the file system are seen as others (mount_setattr(2), MOUNT_ATTR_IDMAP). */
			readonly idMap?: IdMap;
	  }
	/** A host directory below an overlay: what is written is the container's, and goes with it. */
	| { readonly kind: 'overlay'; readonly source: string; readonly destination: string }
	| {
			readonly kind: 'volume';
			readonly destination: string;
			/** Absent: an anonymous one. */
			readonly name?: VolumeName;
			readonly readonly?: boolean;
			/** An empty volume stays empty, whatever the image has there. */
			readonly nocopy?: boolean;
			/** A path inside of the volume, relative, without `..`. */
			readonly subpath?: string;
			/** Of a volume that is made by this: labels, and the options of `volume create`. */
			readonly labels?: Readonly<Record<string, string>>;
			readonly options?: Readonly<Record<string, string>>;
	  }
	/** Options as in tmpfs(5) and mount(8), checked. */
	| { readonly kind: 'tmpfs'; readonly destination: string; readonly options: readonly string[] };

/**
 * `enabled`: mounts below the source come along, read-only ones as far as the kernel can. `readonly`: the same, and an error
 * where it cannot. `writable`: mounts below stay writable. `disabled`: they do not come along.
 */
export type BindRecursive = 'enabled' | 'disabled' | 'writable' | 'readonly';

export interface HostEntry {
	readonly name: string;
	readonly address: string;
}

export interface DeviceRequest {
	/** A device node of the host, or a directory of them. */
	readonly source: string;
	readonly destination: string;
	/** Some of `rwm`. */
	readonly access: string;
}

export type SeccompChoice =
	| { readonly kind: 'default' }
	| { readonly kind: 'unconfined' }
	| { readonly kind: 'file'; readonly path: string };

/**
 * `private`: a new namespace. `none`, for the network: a new one with a loopback interface only; for ipc: a new one without
 * /dev/shm. `container`: the namespace of another container, by id or name.
 */
export type NamespaceMode =
	| { readonly kind: 'private' | 'host' | 'none' }
	| { readonly kind: 'container'; readonly container: string };

/** `networks`: bridge networks, by name. `path`: a network namespace by its file. */
export type NetworkMode =
	| NamespaceMode
	| { readonly kind: 'networks'; readonly networks: readonly NetworkRequest[] }
	| { readonly kind: 'path'; readonly path: string };

/** A place in a network; addresses are checked text. */
export interface NetworkRequest {
	readonly name: string;
	readonly ip?: string;
	readonly ip6?: string;
	/** Lower-case hex, with colons. */
	readonly mac?: string;
	/** Further names of the container in the network. */
	readonly aliases: readonly string[];
	readonly linkLocal: readonly string[];
}

export interface ExposedPort {
	readonly port: number;
	readonly protocol: 'tcp' | 'udp';
}

/** A port of the container at one of the host's. */
export interface PortRequest extends ExposedPort {
	/** Absent: all of the host's; `0.0.0.0` and `::` are all of one family. */
	readonly hostAddress?: string;
	/** The first free one of these; 0: whatever the kernel chooses. */
	readonly hostPorts: { readonly first: number; readonly last: number };
}

/** Ids 0… of the container are ids `first`… of the host; an absent range is chosen by the caller. */
export type UsernsMode =
	| { readonly kind: 'host' }
	| { readonly kind: 'private'; readonly first?: number; readonly size?: number };

/** Docker's resource flags. A flag given as 0, docker's word for "not set", is absent. */
export interface ResourceOptions {
	/** Bytes. */
	readonly memory?: number;
	/** Memory and swap together, in bytes; -1 is unlimited. */
	readonly memorySwap?: number;
	readonly memoryReservation?: number;
	/** 0 to 100; cgroup v1 only, as is `oomKillDisable`. */
	readonly memorySwappiness?: number;
	/** At the limit of memory its processes wait, in place of being killed. */
	readonly oomKillDisable?: boolean;
	/** CPUs in billionths. */
	readonly nanoCpus?: number;
	readonly cpuShares?: number;
	/** Microseconds. */
	readonly cpuPeriod?: number;
	readonly cpuQuota?: number;
	readonly cpusetCpus?: string;
	readonly cpusetMems?: string;
	/** -1 is unlimited. */
	readonly pidsLimit?: number;
	readonly blkioWeight?: number;
}

/** What `tsrun run <image>` means without a flag, but for its network: the command line says `bridge`, a program that says nothing gets none. */
export const DEFAULT_RUN_OPTIONS: RunOptions = {
	rm: false,
	detach: false,
	log: { kind: 'file', maxSize: 0, files: 1 },
	restart: { kind: 'no' },
	health: { isOff: false },
	interactive: false,
	tty: false,
	env: [],
	groupAdd: [],
	mounts: [],
	readOnly: false,
	addHosts: [],
	dns: [],
	dnsSearch: [],
	dnsOptions: [],
	labels: {},
	init: false,
	privileged: false,
	capAdd: [],
	capDrop: [],
	seccomp: { kind: 'default' },
	noNewPrivileges: false,
	devices: [],
	sysctl: {},
	ulimits: [],
	pid: { kind: 'private' },
	ipc: { kind: 'private' },
	uts: { kind: 'private' },
	network: { kind: 'none' },
	publish: [],
	publishAll: false,
	expose: [],
	userns: { kind: 'host' },
	cgroupns: 'private',
	resources: {},
	pull: 'missing',
	noPivot: false,
};
