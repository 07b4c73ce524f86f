import { type Mount, type Namespace, OCI_VERSION, type RuntimeSpec } from '../oci/runtime-spec.ts';

const CAPABILITIES = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'] as const;
const SAFE = ['nosuid', 'noexec', 'nodev'] as const;

/**
 * The configuration that `runc spec` writes, which tests and tutorials change a field of; its fields in the same order, so that two
 * files compare line by line. Where cgroup2 is all that the host has, a container gets a cgroup namespace.
 */
export function exampleSpec({ isUnified }: { readonly isUnified: boolean }): RuntimeSpec {
	return {
		ociVersion: OCI_VERSION,
		process: {
			terminal: true,
			user: { uid: 0, gid: 0 },
			args: ['sh'],
			env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
			cwd: '/',
			capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
			rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
			noNewPrivileges: true,
		},
		root: { path: 'rootfs', readonly: true },
		hostname: 'runc',
		mounts: MOUNTS,
		linux: {
			resources: { devices: [{ allow: false, access: 'rwm' }] },
			namespaces: (['pid', 'network', 'ipc', 'uts', 'mount', ...(isUnified ? (['cgroup'] as const) : [])] as const).map(
				type => ({ type }),
			),
			maskedPaths: MASKED_PATHS,
			readonlyPaths: READONLY_PATHS,
		},
	};
}

const MOUNTS: readonly Mount[] = [
	{ destination: '/proc', type: 'proc', source: 'proc' },
	{
		destination: '/dev',
		type: 'tmpfs',
		source: 'tmpfs',
		options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
	},
	{
		destination: '/dev/pts',
		type: 'devpts',
		source: 'devpts',
		options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
	},
	{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...SAFE, 'mode=1777', 'size=65536k'] },
	{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: SAFE },
	{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...SAFE, 'ro'] },
	{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...SAFE, 'relatime', 'ro'] },
];

const MASKED_PATHS = [
	'/proc/acpi',
	'/proc/asound',
	'/proc/kcore',
	'/proc/keys',
	'/proc/latency_stats',
	'/proc/timer_list',
	'/proc/timer_stats',
	'/proc/sched_debug',
	'/sys/firmware',
	'/proc/scsi',
];
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/**
 * The same for a user without root: a user namespace with one id, the host's network, whose sysfs only the host can show, no
 * cgroup limits, and no mount option that names an id.
 */
export function rootlessSpec(
	spec: RuntimeSpec,
	{ uid, gid }: { readonly uid: number; readonly gid: number },
): RuntimeSpec {
	const { resources: _, namespaces = [], ...linux } = spec.linux ?? {};
	const kept = namespaces.filter(({ type }) => type !== 'network' && type !== 'user');
	return {
		...spec,
		mounts: (spec.mounts ?? []).map(rootlessMount),
		linux: {
			uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
			gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
			namespaces: [...kept, { type: 'user' }] satisfies readonly Namespace[],
			...linux,
		},
	};
}

function rootlessMount(mount: Mount): Mount {
	if (mount.destination === '/sys') {
		return { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', ...SAFE, 'ro'] };
	}
	if (mount.options === undefined) return mount;
	return { ...mount, options: mount.options.filter(option => !/^[ug]id=/.test(option)) };
}
