/** One value for one control file of the container's cgroup. */
export interface CgroupWrite {
	/** Name of the file in the container's cgroup directory. */
	readonly file: string;
	readonly value: string;
	/** JSON pointer of the field that asks for it. */
	readonly from: string;
	readonly why: string;
	/** errnos that count as success. */
	readonly tolerate?: readonly number[];
}

/** 1: a v1 hierarchy; 2: cgroup2. */
export type CgroupVersion = 1 | 2;
