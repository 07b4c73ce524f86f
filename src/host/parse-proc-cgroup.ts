/** One line of /proc/[pid]/cgroup (cgroups(7)): the process's cgroup in one hierarchy. */
export interface CgroupMembership {
	/** 0 is cgroup2. */
	readonly hierarchy: number;
	/** Empty for cgroup2; `name=systemd` for a named hierarchy. */
	readonly controllers: readonly string[];
	readonly path: string;
}

/** Reads /proc/[pid]/cgroup. The path is everything after the second colon, so it may hold colons itself. */
export function parseProcCgroup(text: string): readonly CgroupMembership[] {
	return text.split('\n').flatMap(line => {
		const first = line.indexOf(':');
		const second = line.indexOf(':', first + 1);
		if (first < 0 || second < 0) return [];
		const controllers = line.slice(first + 1, second);
		return {
			hierarchy: Number(line.slice(0, first)),
			controllers: controllers === '' ? [] : controllers.split(','),
			path: line.slice(second + 1),
		};
	});
}
