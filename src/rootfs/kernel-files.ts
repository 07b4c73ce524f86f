import { statfsSync } from 'node:fs';

/** statfs(2), `f_type`, of file systems whose files are the kernel's own: what is written there acts on the machine. */
const KERNEL_TYPES: ReadonlySet<number> = new Set([
	0x9fa0, // proc
	0x62656572, // sysfs
	0x27e0eb, // cgroup
	0x63677270, // cgroup2
	0x64626720, // debugfs
	0x74726163, // tracefs
	0xcafe4a11, // bpf
	0x73636673, // securityfs
	0x62656570, // configfs
	0xde5e81e4, // efivarfs
	0x6165676c, // pstore
	0x42494e4d, // binfmt_misc
	0x65735543, // fusectl
	0x6e736673, // nsfs
]);

/** Whether what a descriptor is open on belongs to the kernel. */
export function isOfKernel(fd: number): boolean {
	return KERNEL_TYPES.has(statfsSync(`/proc/self/fd/${fd}`).type);
}
