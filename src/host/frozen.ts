import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a process in this cgroup stands still: by its own freezer, or by one above (cgroups(7), freezer-subsystem.rst). */
export function isFrozen(directory: string): boolean {
	return (
		/^1/.test(read(directory, 'cgroup.freeze')) ||
		/^frozen 1$/m.test(read(directory, 'cgroup.events')) ||
		/^FR(OZEN|EEZING)/.test(read(directory, 'freezer.state'))
	);
}

function read(directory: string, file: string): string {
	try {
		return readFileSync(join(directory, file), 'latin1');
	} catch {
		return '';
	}
}
