/** OCI runtime-spec 1.3 `config.json`, the part that tsrun compiles (config.md, config-linux.md). Units as in the specification. */
export interface RuntimeSpec {
	readonly ociVersion: string;
	readonly process?: Process;
	readonly root?: { readonly path: string; readonly readonly?: boolean };
	readonly hostname?: string;
	readonly domainname?: string;
	readonly mounts?: readonly Mount[];
	readonly annotations?: Readonly<Record<string, string>>;
	readonly hooks?: Hooks;
	readonly linux?: Linux;
}

/** The version of the specification that the state of a container complies with, and what hooks are told. */
export const OCI_VERSION = '1.3.0';

export const HOOK_NAMES = [
	'prestart',
	'createRuntime',
	'createContainer',
	'startContainer',
	'poststart',
	'poststop',
] as const;
export type HookName = (typeof HOOK_NAMES)[number];
export type Hooks = { readonly [N in HookName]?: readonly Hook[] };

export interface Hook {
	readonly path: string;
	/** As execv(3) has it: the program's own name first. */
	readonly args?: readonly string[];
	readonly env?: readonly string[];
	/** Seconds. */
	readonly timeout?: number;
}

export interface Process {
	readonly terminal?: boolean;
	readonly consoleSize?: { readonly height: number; readonly width: number };
	readonly cwd: string;
	readonly env?: readonly string[];
	readonly args?: readonly string[];
	readonly user: User;
	readonly capabilities?: Capabilities;
	readonly rlimits?: readonly Rlimit[];
	readonly noNewPrivileges?: boolean;
	readonly oomScoreAdj?: number;
	readonly apparmorProfile?: string;
	readonly selinuxLabel?: string;
	readonly scheduler?: Scheduler;
	readonly ioPriority?: IoPriority;
	readonly execCPUAffinity?: ExecCpuAffinity;
}

/** sched_setattr(2). */
export interface Scheduler {
	readonly policy: string;
	readonly nice?: number;
	readonly priority?: number;
	readonly flags?: readonly string[];
	/** Nanoseconds. */
	readonly runtime?: number;
	readonly deadline?: number;
	readonly period?: number;
}

/** ioprio_set(2). */
export interface IoPriority {
	readonly class: string;
	/** 0 is the highest of eight; absent is 0. */
	readonly priority?: number;
}

/** Lists of CPUs as in cpuset(7), for processes that enter a running container. */
export interface ExecCpuAffinity {
	/** Before the process is in the container's cgroup. */
	readonly initial?: string;
	/** Afterwards. */
	readonly final?: string;
}

export interface User {
	readonly uid: number;
	readonly gid: number;
	readonly umask?: number;
	readonly additionalGids?: readonly number[];
}

export type CapabilitySet = 'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient';
export type Capabilities = { readonly [S in CapabilitySet]?: readonly string[] };

/**
 * "No limit" in an {@link Rlimit}. The specification's number is 2^64 - 1, which a double cannot hold: `JSON.parse` rounds it
 * up to this value.
 */
export const RLIM_INFINITY = 2 ** 64;

export interface Rlimit {
	readonly type: string;
	readonly soft: number;
	readonly hard: number;
}

export interface Mount {
	readonly destination: string;
	readonly type?: string;
	readonly source?: string;
	readonly options?: readonly string[];
	/** Ids of the source (`containerID`) as the host's ids that the mount shows for them (`hostID`). */
	readonly uidMappings?: readonly IdMapping[];
	readonly gidMappings?: readonly IdMapping[];
}

export interface IdMapping {
	readonly containerID: number;
	readonly hostID: number;
	readonly size: number;
}

export interface Linux {
	readonly namespaces?: readonly Namespace[];
	readonly uidMappings?: readonly IdMapping[];
	readonly gidMappings?: readonly IdMapping[];
	readonly timeOffsets?: Readonly<Record<string, { readonly secs?: number; readonly nanosecs?: number }>>;
	readonly devices?: readonly Device[];
	readonly cgroupsPath?: string;
	readonly resources?: Resources;
	readonly sysctl?: Readonly<Record<string, string>>;
	readonly seccomp?: Seccomp;
	readonly rootfsPropagation?: string;
	readonly maskedPaths?: readonly string[];
	readonly readonlyPaths?: readonly string[];
	readonly mountLabel?: string;
	readonly personality?: { readonly domain: string; readonly flags?: readonly string[] };
	readonly memoryPolicy?: MemoryPolicy;
	readonly intelRdt?: IntelRdt;
	/** By the name on the host. */
	readonly netDevices?: Readonly<Record<string, { readonly name?: string }>>;
}

/** set_mempolicy(2); an empty object asks for nothing. */
export interface MemoryPolicy {
	readonly mode?: string;
	/** A list as in cpuset(7). */
	readonly nodes?: string;
	readonly flags?: readonly string[];
}

/** Resource control groups (Documentation/filesystems/resctrl.rst). */
export interface IntelRdt {
	/** `/` is the root group; absent: a group of the container's own. */
	readonly closID?: string;
	readonly l3CacheSchema?: string;
	readonly memBwSchema?: string;
	readonly schemata?: readonly string[];
	readonly enableMonitoring?: boolean;
}

export type SpecNamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';

export interface Namespace {
	readonly type: SpecNamespaceType;
	/** Join this namespace file instead of making a new one. */
	readonly path?: string;
}

export interface Device {
	readonly type: 'c' | 'b' | 'u' | 'p';
	readonly path: string;
	readonly major?: number;
	readonly minor?: number;
	readonly fileMode?: number;
	readonly uid?: number;
	readonly gid?: number;
}

export interface DeviceRule {
	readonly allow: boolean;
	readonly type?: 'a' | 'c' | 'b';
	/** -1 or absent: every number. */
	readonly major?: number;
	readonly minor?: number;
	/** Some of `rwm`; absent or empty: all of them. */
	readonly access?: string;
}

export interface Resources {
	readonly devices?: readonly DeviceRule[];
	readonly memory?: {
		/** Bytes; -1 is unlimited. */
		readonly limit?: number;
		readonly reservation?: number;
		/** Memory and swap together, in bytes (as v1 counts). */
		readonly swap?: number;
		/** Obsolete, and gone from the kernel: read and left alone, as is `kernelTCP`. */
		readonly kernel?: number;
		readonly kernelTCP?: number;
		readonly swappiness?: number;
		readonly disableOOMKiller?: boolean;
		/** Every cgroup counts what is below it: read and left alone. */
		readonly useHierarchy?: boolean;
		/** Refuse a new limit below what is used, where the kernel would kill (cgroup2). */
		readonly checkBeforeUpdate?: boolean;
	};
	readonly cpu?: {
		readonly shares?: number;
		/** Microseconds of CPU time in each period. */
		readonly quota?: number;
		readonly period?: number;
		readonly burst?: number;
		/** Microseconds of real-time scheduling in each `realtimePeriod`. */
		readonly realtimeRuntime?: number;
		readonly realtimePeriod?: number;
		readonly cpus?: string;
		readonly mems?: string;
		readonly idle?: number;
	};
	readonly pids?: { readonly limit: number };
	readonly blockIO?: {
		readonly weight?: number;
		readonly leafWeight?: number;
		readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
		readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
		readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
		readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
		readonly weightDevice?: readonly WeightDevice[];
	};
	readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[];
	readonly network?: {
		/** Tag of the packets, for tc(8). */
		readonly classID?: number;
		/** Priority of the packets that leave by an interface. */
		readonly priorities?: readonly { readonly name: string; readonly priority: number }[];
	};
	/** Limits by the name of an RDMA device. */
	readonly rdma?: Readonly<Record<string, { readonly hcaHandles?: number; readonly hcaObjects?: number }>>;
	readonly unified?: Readonly<Record<string, string>>;
}

export interface WeightDevice {
	readonly major: number;
	readonly minor: number;
	readonly weight?: number;
	readonly leafWeight?: number;
}

export interface ThrottleDevice {
	readonly major: number;
	readonly minor: number;
	readonly rate: number;
}

export interface Seccomp {
	readonly defaultAction: string;
	readonly defaultErrnoRet?: number;
	readonly architectures?: readonly string[];
	readonly flags?: readonly string[];
	/** Socket of the agent that answers SCMP_ACT_NOTIFY. */
	readonly listenerPath?: string;
	readonly listenerMetadata?: string;
	readonly syscalls?: readonly SeccompRule[];
}

export interface SeccompRule {
	readonly names: readonly string[];
	readonly action: string;
	readonly errnoRet?: number;
	readonly args?: readonly SeccompArg[];
}

export interface SeccompArg {
	readonly index: number;
	readonly value: number | bigint;
	readonly valueTwo?: number | bigint;
	readonly op: string;
}
