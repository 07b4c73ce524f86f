import type { SpecFacts } from './spec-facts.ts';

/**
 * What the compiler knows of the host: a plain value, read once by `src/host`, written by hand in tests. A plan is a function
 * of the configuration and these facts, and of nothing else.
 */
export interface HostFacts extends SpecFacts {
	readonly kernel: { readonly release: string; readonly major: number; readonly minor: number };
	/** As Node.js names it. */
	readonly arch: 'x64' | 'arm64';
	readonly uid: number;
	readonly gid: number;
	/** Whether this process is in another user namespace than the first: then no device node can be made, and mounts are locked. */
	readonly inUserNamespace?: boolean;
	/** Effective capabilities of this process, a bit mask (capabilities(7)). */
	readonly capabilities: bigint;
	/** Highest capability number that the kernel knows (/proc/sys/kernel/cap_last_cap). */
	readonly lastCapability: number;
	readonly cgroup: CgroupFacts;
	/** Namespace types of /proc/self/ns. */
	readonly namespaces: readonly NamespaceType[];
	readonly syscalls: SyscallFacts;
	/** Kind of each host path that the configuration binds; `missing` where nothing is there. */
	readonly paths: Readonly<Record<string, PathKind>>;
	/** Devices of the host that the configuration names, by host path. */
	readonly devices: Readonly<Record<string, DeviceFact>>;
	/** CPUs and memory nodes, as in cpuset(7): `0-1`. */
	readonly cpus: string;
	readonly memoryNodes: string;
}

export type NamespaceType = 'mnt' | 'uts' | 'ipc' | 'pid' | 'net' | 'user' | 'cgroup' | 'time';
export type PathKind = 'directory' | 'file' | 'missing';

export interface DeviceFact {
	readonly type: 'c' | 'b' | 'p';
	readonly major: number;
	readonly minor: number;
	/** Permission bits, e.g. 0o666. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
}

/** Whether the kernel (and a seccomp filter around this process) lets the call through; false is ENOSYS or EPERM. */
export interface SyscallFacts {
	readonly openat2: boolean;
	readonly clone3: boolean;
	readonly closeRange: boolean;
	readonly pidfdOpen: boolean;
	readonly mountSetattr: boolean;
	readonly fsopen: boolean;
	readonly seccomp: boolean;
}

/**
 * The cgroup layout, read from /proc/self/mountinfo and /proc/self/cgroup.
 * `unified`: /sys/fs/cgroup is cgroup2, or nothing but cgroup2 is mounted. `legacy`: v1 hierarchies. `hybrid`: v1 hierarchies
 * with a cgroup2 beside them. `none`: no cgroup mount. `denied`: none in which this user may make one, and none is wanted by name.
 */
export interface CgroupFacts {
	readonly mode: 'unified' | 'legacy' | 'hybrid' | 'none' | 'denied';
	readonly unified?: UnifiedCgroup;
	/** v1 hierarchies in mountinfo order; empty in `unified`. */
	readonly hierarchies: readonly CgroupHierarchy[];
	/** What new v1 cpuset directories inherit; absent: all of the host's CPUs and memory nodes, from the mount's root. */
	readonly cpuset?: CpusetBase;
	/** Directories of the container's cgroup that are there before it; absent: none was found. */
	readonly found?: readonly FoundCgroup[];
}

export interface FoundCgroup {
	readonly path: string;
	/** In it and in the cgroups below. */
	readonly processes: number;
	readonly frozen: boolean;
}

export interface UnifiedCgroup {
	readonly mountpoint: string;
	/** cgroup.controllers of the mount's root. */
	readonly controllers: readonly string[];
	/** Whether cgroup.kill exists (Linux 5.14). */
	readonly hasKill: boolean;
	/** False where the mount is read-only; absent: writable. */
	readonly writable?: boolean;
	/** Files of a cgroup that may belong to whoever manages it (/sys/kernel/cgroup/delegate). */
	readonly delegate?: readonly string[];
	/** The file that weighs block I/O; absent: io.bfq.weight. */
	readonly ioWeightFile?: 'io.weight' | 'io.bfq.weight';
	/**
	 * Where the mount's root is a cgroup with processes and not the kernel's root: the controllers that its children have. No
	 * other can be enabled while processes are in it (cgroups(7), "no internal processes").
	 */
	readonly enabled?: readonly string[];
}

export interface CgroupHierarchy {
	readonly mountpoint: string;
	/** What shares the mount: `cpu`, `cpuacct`; or `name=systemd`. */
	readonly controllers: readonly string[];
	/** The path in the hierarchy that the mount shows as its root (field 4 of mountinfo); `/` on a host. */
	readonly root: string;
	/** This process's own cgroup in the hierarchy. */
	readonly self: string;
	/** False where the mount is read-only. */
	readonly writable: boolean;
	/** The file of blkio that weighs block I/O; absent: blkio.bfq.weight. */
	readonly weightFile?: 'blkio.weight' | 'blkio.bfq.weight';
}

/** The deepest cgroup on the way to the container's that exists and has CPUs and memory nodes (cpuset(7)). */
export interface CpusetBase {
	/** Its path below the mount's root: `/` or `/tsrun`. */
	readonly path: string;
	readonly cpus: string;
	readonly mems: string;
}
