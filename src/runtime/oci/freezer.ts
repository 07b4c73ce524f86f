import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the processes of a container are frozen: cgroup.freeze of cgroup2, freezer.state of v1 (cgroups(7)). */
export function isFrozen({ unified, freezer }: Readonly<Record<string, string>>): boolean {
	if (freezer !== undefined) return readText(join(freezer, 'freezer.state')).startsWith('FR');
	return unified !== undefined && readText(join(unified, 'cgroup.freeze')).startsWith('1');
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}
