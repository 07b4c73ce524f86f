import { readFileSync } from 'node:fs';
import { parseMountinfo } from '../host/parse-mountinfo.ts';

/** The mount point that holds a directory: the longest one that is a beginning of its path. */
export function mountpointOf(directory: string): string {
	const points = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).map(({ mountpoint }) => mountpoint);
	return points
		.filter(point => point === '/' || directory === point || directory.startsWith(`${point}/`))
		.reduce((longest, point) => (point.length >= longest.length ? point : longest), '/');
}
