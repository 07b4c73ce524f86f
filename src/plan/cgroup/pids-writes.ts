import type { Resources } from '../../oci/runtime-spec.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupWrite } from './cgroup-write.ts';

const POINTER = '/linux/resources/pids/limit';

/** The number of tasks (config-linux.md, "PIDs"), the same file in both versions. 0 is unset, below 0 unlimited. */
export function pidsWrites({ limit }: NonNullable<Resources['pids']>): readonly CgroupWrite[] {
	if (limit === 0) return [];
	const value = limit < 0 ? 'max' : cgroupNumber(limit, POINTER);
	const why = limit < 0 ? 'no limit of processes' : `at most ${value} processes and threads`;
	return [{ file: 'pids.max', value, from: POINTER, why }];
}
