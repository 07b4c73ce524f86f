import { accessSync, constants } from 'node:fs';
import type { CgroupFacts } from '../plan/host-facts.ts';

/** Whether this process may make directories in every hierarchy (access(2)). */
export function mayMakeCgroups({ unified, hierarchies }: CgroupFacts): boolean {
	return [...hierarchies, ...(unified === undefined ? [] : [unified])].every(({ mountpoint }) =>
		isWritable(mountpoint),
	);
}

function isWritable(path: string): boolean {
	try {
		accessSync(path, constants.W_OK);
		return true;
	} catch {
		return false;
	}
}
