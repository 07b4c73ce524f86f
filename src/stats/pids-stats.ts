import { linesOf, numberIn, type ReadControl, UNLIMITED } from './control-file.ts';

export interface PidsStats {
	readonly current: bigint;
	/** 0 is no limit. */
	readonly limit: bigint;
}

/** pids.rst; where the controller is off, cgroup2 lists the processes all the same. */
export function pidsStats(read: ReadControl): PidsStats {
	const limit = numberIn(read, 'pids.max') ?? 0n;
	return {
		current: numberIn(read, 'pids.current') ?? BigInt(linesOf(read('cgroup.procs')).length),
		limit: limit === UNLIMITED ? 0n : limit,
	};
}
