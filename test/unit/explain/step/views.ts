import type { ProcessView } from '../../../../src/plan/process-view.ts';

export const HOST: ProcessView = {
	pid: 3000,
	namespaces: { mnt: '1', net: '2', user: '3' },
	hostname: 'big',
	mounts: [
		{ mountpoint: '/', type: 'ext4', source: '/dev/vda', options: ['rw'] },
		{ mountpoint: '/proc', type: 'proc', source: 'proc', options: ['rw'] },
	],
	directory: '/home',
	uid: 0,
	gid: 0,
	uidMap: [{ containerID: 0, hostID: 0, size: 0xffff_ffff }],
	effective: 0x1f_ffff_ffffn,
	bounding: 0x1f_ffff_ffffn,
	noNewPrivileges: false,
	hasSeccompFilter: false,
	cgroups: { unified: '/', pids: '/' },
	processes: 80,
	interfaces: ['lo', 'eth0'],
	addresses: ['192.0.2.2'],
};

export const CONTAINER: ProcessView = {
	...HOST,
	pid: 4000,
	namespaces: { mnt: '11', net: '12', user: '3' },
	hostname: 'small',
	mounts: [
		{ mountpoint: '/', type: 'overlay', source: 'overlay', options: ['rw', 'relatime'] },
		{ mountpoint: '/proc', type: 'proc', source: 'proc', options: ['rw'] },
		{ mountpoint: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['rw', 'nosuid'] },
	],
	directory: '/',
	effective: 0x21n,
	bounding: 0x21n,
	cgroups: { unified: `/tsrun/${'a'.repeat(64)}`, pids: `/tsrun/${'a'.repeat(64)}` },
	processes: [{ pid: 4000, inner: 1, name: 'tsrun-init' }],
	interfaces: ['lo'],
	addresses: [],
};
