import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The processes of a cgroup and of those below, in no order; none where it is gone. */
export function pidsBelow(directory: string): readonly number[] {
	try {
		const own = readFileSync(join(directory, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
		const below = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory());
		return [...own, ...below.flatMap(({ name }) => pidsBelow(join(directory, name)))];
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

/** A cgroup that is removed meanwhile, or a threaded one, whose processes its parent lists (cgroups(7)). */
function isGone(error: unknown): boolean {
	return ['ENOENT', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '');
}
