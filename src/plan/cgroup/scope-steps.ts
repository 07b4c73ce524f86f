import type { CgroupFacts } from '../host-facts.ts';
import type { Step } from '../step.ts';
import type { PlacedWrite } from './controller-writes.ts';
import { ALREADY_GONE } from './tolerated.ts';

const TIMEOUT_MS = 10_000;
const FROM = '/linux/cgroupsPath';
const NOTES = { from: FROM, phase: 'cgroup' } as const;

type Paths = Readonly<Record<string, string>>;

/**
 * In the hierarchy by which systemd knows a scope's processes: a cgroup below the scope, with the process that stands there until
 * init has come. Apart from init, so that it can be ended alone.
 */
export function scopePlace({ unified, 'name=systemd': named, ...others }: Paths): string {
	return `${unified ?? named ?? Object.values(others)[0] ?? ''}/tsrun-place`;
}

/** Where init is not born into the scope, it enters before it would by itself: a scope is never without a process. */
export function enterScopeSteps({ unified, 'name=systemd': named }: Paths, isAttached: boolean): readonly Step[] {
	if (isAttached || unified !== undefined || named === undefined) return [];
	return [{ op: 'attachInit', path: named, why: 'systemd ends a scope that has no process', ...NOTES }];
}

/** Ends the process that held the place of init. */
export function leavePlaceSteps(paths: Paths): readonly Step[] {
	const path = scopePlace(paths);
	const notes = { ...NOTES, timeoutMs: TIMEOUT_MS, tolerate: ALREADY_GONE };
	return [
		{ op: 'killCgroup', path, why: 'end the process that stood in the scope until init came', ...notes },
		{ op: 'removeCgroup', path, why: 'its cgroup is not needed any more', ...notes },
	];
}

/** That process counts too: where one process is allowed, two are until it has gone. */
export function roomForTwo(writes: readonly PlacedWrite[]): {
	readonly before: readonly PlacedWrite[];
	readonly after: readonly PlacedWrite[];
} {
	const isOne = (write: PlacedWrite): boolean => write.file === 'pids.max' && write.value === '1';
	const after = writes.filter(isOne);
	const widened = after.map(write => ({ ...write, value: '2', why: 'room for init beside the process in its place' }));
	return { before: [...writes.filter(write => !isOne(write)), ...widened], after };
}

/**
 * What teardown removes. Not the cgroup in which systemd watches for the end of the last process: where that is gone before it has
 * looked, the scope is running for ever. It removes what it has made.
 */
export function besideSystemd({ unified: _, 'name=systemd': __, ...others }: Paths): Paths {
	return others;
}

/** Whether systemd keeps the limits in hierarchies of cgroup v1. */
export function isLegacy({ mode }: CgroupFacts): boolean {
	return mode !== 'unified';
}
