/** Words of config.json for set_mempolicy(2), and their numbers (linux/mempolicy.h). */
export const MEMORY_POLICY_MODES: Readonly<Record<string, number>> = {
	MPOL_DEFAULT: 0,
	MPOL_PREFERRED: 1,
	MPOL_BIND: 2,
	MPOL_INTERLEAVE: 3,
	MPOL_LOCAL: 4,
	MPOL_PREFERRED_MANY: 5,
	MPOL_WEIGHTED_INTERLEAVE: 6,
};

export const MEMORY_POLICY_FLAGS: Readonly<Record<string, number>> = {
	MPOL_F_NUMA_BALANCING: 1 << 13,
	MPOL_F_RELATIVE_NODES: 1 << 14,
	MPOL_F_STATIC_NODES: 1 << 15,
};
