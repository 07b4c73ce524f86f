import type { MountEntry } from './parse-mountinfo.ts';

/**
 * Those of `candidates` that their own path reaches. A mount is hidden when another one lies on it, or on a directory that
 * leads to it, and then a file opened by its mount point is another file system's.
 */
export function visibleMounts(candidates: readonly MountEntry[], mounts: readonly MountEntry[]): readonly MountEntry[] {
	const onTheWay = new Set(candidates.flatMap(mount => pathsTo(mount.mountpoint)));
	const relevant = mounts.filter(mount => onTheWay.has(mount.mountpoint));
	const known = new Set(relevant.map(mount => mount.id));
	const children = new Map(
		relevant.map(mount => [key(known.has(mount.parent) ? mount.parent : undefined, mount.mountpoint), mount]),
	);
	return candidates.filter(candidate => reachedBy(candidate.mountpoint, children) === candidate);
}

/** Follows the path as the kernel does: at each directory into the mounts that lie on it, one upon the other. */
function reachedBy(path: string, children: ReadonlyMap<string, MountEntry>): MountEntry | undefined {
	let current: MountEntry | undefined;
	for (const directory of pathsTo(path)) {
		let next = children.get(key(current?.id, directory));
		while (next !== undefined && next !== current) {
			current = next;
			next = children.get(key(current.id, directory));
		}
	}
	return current;
}

function key(parent: number | undefined, mountpoint: string): string {
	return `${parent ?? ''} ${mountpoint}`;
}

/** `/a/b` is reached through `/`, `/a` and `/a/b`. */
function pathsTo(path: string): readonly string[] {
	const paths = ['/'];
	for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1))
		paths.push(path.slice(0, slash));
	if (path !== '/') paths.push(path);
	return paths;
}
