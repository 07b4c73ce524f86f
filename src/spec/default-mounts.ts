import { reachableMount } from '../oci/kernel-mount.ts';
import type { Mount } from '../oci/runtime-spec.ts';
import type { SpecInput } from './spec-input.ts';
import { isNewNamespace } from './spec-namespaces.ts';

export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;
/** Group tty, in every distribution that docker's default was made for. */
const TTY_GID = 5;

const SAFE = ['nosuid', 'noexec', 'nodev'];

/** Docker's mounts of every container (moby, daemon/pkg/oci/defaults.go), in its order, before any of the user's. */
export function defaultMounts(input: SpecInput): readonly Mount[] {
	const { options, host } = input;
	const writable = options.privileged ? [] : ['ro'];
	return [
		kernelMount(input, { destination: '/proc', type: 'proc', source: 'proc', options: SAFE }),
		{
			destination: '/dev',
			type: 'tmpfs',
			source: 'tmpfs',
			options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
		},
		{ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: devptsOptions(input) },
		kernelMount(input, { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...SAFE, ...writable] }),
		...(host.cgroup.mode === 'none'
			? []
			: [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...writable, ...SAFE] }]),
		kernelMount(input, { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: SAFE }),
		...shmMount(input),
	];
}

function kernelMount(input: SpecInput, mount: Mount): Mount {
	return reachableMount(mount, type => isNewNamespace(input, type));
}

function devptsOptions({ idRange }: SpecInput): readonly string[] {
	const hasTtyGroup = idRange === undefined || idRange.size > TTY_GID;
	const gid = hasTtyGroup ? [`gid=${TTY_GID}`] : [];
	return ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...gid];
}

function shmMount({ options, joinedShm }: SpecInput): readonly Mount[] {
	const destination = '/dev/shm';
	if (options.ipc.kind === 'none') return [];
	const shared = options.ipc.kind === 'host' ? destination : options.ipc.kind === 'container' ? joinedShm : undefined;
	if (shared !== undefined) return [{ destination, type: 'bind', source: shared, options: ['rbind', 'rprivate'] }];
	const size = options.shmSize ?? DEFAULT_SHM_SIZE;
	return [{ destination, type: 'tmpfs', source: 'shm', options: [...SAFE, 'mode=1777', `size=${size}`] }];
}
