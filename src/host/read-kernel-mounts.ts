import { readFileSync } from 'node:fs';
import { parseMountinfo } from './parse-mountinfo.ts';

/** Where the whole of a proc or a sysfs is mounted, in the order of the mounts. */
export function readKernelMounts(): readonly string[] {
	return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
		.filter(({ type, root }) => (type === 'proc' || type === 'sysfs') && root === '/')
		.map(({ mountpoint }) => mountpoint);
}
