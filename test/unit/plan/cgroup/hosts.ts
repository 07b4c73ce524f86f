import type { CgroupFacts, CgroupHierarchy, HostFacts } from '../../../../src/plan/host-facts.ts';

/** Hosts of each kind, for compiling against. */
function host(cgroup: CgroupFacts): HostFacts {
	return {
		kernel: { release: '6.1.0', major: 6, minor: 1 },
		arch: 'x64',
		uid: 0,
		gid: 0,
		capabilities: 0x1ffffffffffn,
		lastCapability: 40,
		cgroup,
		namespaces: ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup', 'time'],
		syscalls: {
			openat2: true,
			clone3: true,
			closeRange: true,
			pidfdOpen: true,
			mountSetattr: true,
			fsopen: true,
			seccomp: true,
		},
		paths: {},
		devices: {},
		cpus: '0-3',
		memoryNodes: '0',
	};
}

export function hierarchy(name: string, ...controllers: readonly string[]): CgroupHierarchy {
	return {
		mountpoint: `/sys/fs/cgroup/${name}`,
		controllers: controllers.length === 0 ? [name] : controllers,
		root: '/',
		self: '/',
		writable: true,
	};
}

const KILL = { hasKill: true, writable: true } as const;

/** systemd with cgroup2 alone. */
export const UNIFIED = host({
	mode: 'unified',
	unified: {
		mountpoint: '/sys/fs/cgroup',
		controllers: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids'],
		ioWeightFile: 'io.weight',
		...KILL,
	},
	hierarchies: [],
});

/** systemd with v1 and controllers that share mounts. */
export const LEGACY = host({
	mode: 'legacy',
	hierarchies: [
		hierarchy('systemd', 'name=systemd'),
		hierarchy('cpu,cpuacct', 'cpuacct', 'cpu'),
		hierarchy('cpuset'),
		hierarchy('memory'),
		hierarchy('devices'),
		hierarchy('freezer'),
		hierarchy('pids'),
		hierarchy('blkio'),
	],
	cpuset: { path: '/', cpus: '0-3', mems: '0' },
});

/** A v1 hierarchy for each controller, hugetlb in the cgroup2 beside them. */
export const HYBRID = host({
	mode: 'hybrid',
	unified: { mountpoint: '/sys/fs/cgroup/unified', controllers: ['hugetlb'], ...KILL },
	hierarchies: [
		...['cpu', 'cpuset', 'memory', 'devices', 'pids'].map(name => hierarchy(name)),
		hierarchy('systemd', 'name=systemd'),
	],
	cpuset: { path: '/', cpus: '0-3', mems: '0' },
});

/** The facts of a host with some of its cgroup facts exchanged. */
export function withCgroup(facts: HostFacts, cgroup: Partial<CgroupFacts>): HostFacts {
	return { ...facts, cgroup: { ...facts.cgroup, ...cgroup } };
}
