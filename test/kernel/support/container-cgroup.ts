import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One control file, as either version of cgroups names it. */
export interface ControlFile {
	/** The v1 controller, and the file in its hierarchy. */
	readonly v1: readonly [controller: string, file: string];
	readonly v2: string;
}

interface Hierarchy {
	readonly mountpoint: string;
	readonly isV1: boolean;
}

/** Where this host has a controller: a v1 hierarchy that is mounted with it, else cgroup2. */
export function hierarchyOf(controller: string): Hierarchy {
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
	const place = (pattern: RegExp): string | undefined => mounts.find(line => pattern.test(line))?.split(' ')[4];
	const v1 = place(new RegExp(` - cgroup [^ ]+ ([^ ]*,)?${controller}(,|$)`));
	const mountpoint = v1 ?? place(/ - cgroup2 /);
	if (mountpoint === undefined) throw new Error(`no cgroup hierarchy has ${controller}`);
	return { mountpoint, isV1: v1 !== undefined };
}

/** The directory, on the host, of the cgroup that a process is in. */
export function cgroupDirectory(pid: number, controller: string): string {
	const { mountpoint, isV1 } = hierarchyOf(controller);
	const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
	const line = lines.find(each => {
		const [, names = ''] = each.split(':');
		return isV1 ? names.split(',').includes(controller) : names === '';
	});
	return join(mountpoint, line?.split(':')[2] ?? '');
}

/** A control file of the cgroup that a process is in, read on the host. */
export function readControl(pid: number, { v1: [controller, file], v2 }: ControlFile): string {
	const name = hierarchyOf(controller).isV1 ? file : v2;
	return readFileSync(join(cgroupDirectory(pid, controller), name), 'utf8').trim();
}

/** The path of the same file in a container, whose /sys/fs/cgroup looks as the host's. */
export function insidePath({ v1: [controller, file], v2 }: ControlFile): string {
	return hierarchyOf(controller).isV1 ? `/sys/fs/cgroup/${controller}/${file}` : `/sys/fs/cgroup/${v2}`;
}
