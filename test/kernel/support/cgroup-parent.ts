import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** A cgroup above those of a test's containers, in every hierarchy. */
export interface CgroupParent {
	/** As in `linux.cgroupsPath`. */
	readonly path: string;
	/** Its directories that are there, and those of `name` below it. */
	readonly directories: (name?: string) => readonly string[];
	/** Of cgroup2; every host of these tests has it mounted, some beside v1. */
	readonly unified: string;
	/** The directories of a v1 controller, or of cgroup2 where that has it. */
	readonly of: (controller: string, name?: string) => string;
	readonly remove: () => void;
}

export function cgroupParent(label: string): CgroupParent {
	const path = `/tsrun-${label}-${process.pid}`;
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.filter(line => / - cgroup2? /.test(line));
	const mountpoints = [...new Set(mounts.map(line => line.split(' ')[4] ?? ''))];
	const place = (pattern: RegExp): string | undefined => mounts.find(line => pattern.test(line))?.split(' ')[4];
	const unified = place(/ - cgroup2 /) ?? '';
	const directories = (name = ''): readonly string[] =>
		mountpoints.map(mountpoint => join(mountpoint, path, name)).filter(directory => existsSync(directory));
	return {
		path,
		directories,
		unified: join(unified, path),
		of: (controller, name = '') =>
			join(place(new RegExp(` - cgroup \\S+ (\\S*,)?${controller}(,|$)`)) ?? unified, path, name),
		remove: () => {
			for (const directory of directories()) {
				for (const entry of readdirSync(directory, { withFileTypes: true }))
					if (entry.isDirectory()) rmdirSync(join(directory, entry.name));
				rmdirSync(directory);
			}
		},
	};
}
