import type { Plan, Step } from './step.ts';

/** Ends processes, or tells of them; whatever is left can be looked at. */
const ENDS: readonly Step['op'][] = ['killCgroup', 'write', 'noticeIfGrown'];

/**
 * The plan of a container in the foreground that stays after its end (runc's `run --keep`), for the machine: its processes end, and
 * all that was made for it stays until it is deleted, when the teardown of the whole plan is done.
 */
export function keptEnd(plan: Plan): Plan {
	return { ...plan, teardown: plan.teardown.filter(({ op, phase }) => phase === 'cgroup' && ENDS.includes(op)) };
}
