import type { IdMapping } from '../oci/runtime-spec.ts';

/** What the kernel tells of one process and of what it can see, at one moment (proc(5)). */
export interface ProcessView {
	/** On the host. */
	readonly pid: number;
	/** The inode of each namespace by its name in /proc/<pid>/ns, in the order of names. */
	readonly namespaces: Readonly<Record<string, string>>;
	/** Of its UTS namespace; undefined where it could not be asked. */
	readonly hostname?: string;
	/** In the order in which they were made; the mount of its root first. */
	readonly mounts: readonly ViewedMount[];
	/** Working directory, from its root. */
	readonly directory: string;
	/** As the host counts, effective. */
	readonly uid: number;
	readonly gid: number;
	readonly uidMap: readonly IdMapping[];
	/** Bit masks. */
	readonly effective: bigint;
	readonly bounding: bigint;
	readonly noNewPrivileges: boolean;
	readonly hasSeccompFilter: boolean;
	/** A path in each hierarchy that is mounted; the hierarchy of v2 is called `unified`. */
	readonly cgroups: Readonly<Record<string, string>>;
	/** Of its pid namespace; of that of the host only how many there are. */
	readonly processes: readonly ViewedProcess[] | number;
	readonly interfaces: readonly string[];
	/** Of its network namespace, without those of loopback. */
	readonly addresses: readonly string[];
}

export interface ViewedMount {
	readonly mountpoint: string;
	readonly type: string;
	readonly source: string;
	readonly options: readonly string[];
}

export interface ViewedProcess {
	readonly pid: number;
	/** Its pid in its own namespace. */
	readonly inner: number;
	readonly name: string;
}
