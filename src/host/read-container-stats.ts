import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerStats, containerStats } from '../stats/container-stats.ts';
import type { ReadControl } from '../stats/control-file.ts';
import { pageSizeOf } from '../stats/hugetlb-stats.ts';

/** What the kernel counts for a container, from its cgroup directories: `unified`, and one for each v1 controller. */
export function readContainerStats({ unified, ...v1 }: Readonly<Record<string, string>>): ContainerStats {
	const readers = Object.entries(v1).map(([controller, directory]) => [controller, readerOf(directory)] as const);
	return containerStats({
		v1: Object.fromEntries(readers),
		...(unified === undefined ? {} : { v2: readerOf(unified) }),
		pageSizes: pageSizes(),
	});
}

/** A file that the kernel does not have, or cannot read now (pressure that is switched off), counts nothing. */
function readerOf(directory: string): ReadControl {
	return file => {
		try {
			return readFileSync(join(directory, file), 'latin1');
		} catch {
			return undefined;
		}
	};
}

function pageSizes(): readonly string[] {
	try {
		return readdirSync('/sys/kernel/mm/hugepages').flatMap(name => pageSizeOf(name) ?? []);
	} catch {
		return [];
	}
}
