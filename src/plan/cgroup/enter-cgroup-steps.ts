import type { Plan, Step } from '../step.ts';
import type { CgroupPlan } from './compile-cgroup.ts';

/**
 * Of a container's plan, the setup steps that make its cgroups with their limits and device rules, and steps that bring a process
 * into them that is there already, in the place of init. What stood in a scope until then is ended last.
 */
export function enterCgroupSteps({ setup }: Plan, paths: CgroupPlan['paths'], pid: number): readonly Step[] {
	const steps = setup.filter(({ op, phase }) => phase === 'cgroup' && op !== 'attachInit');
	const end = steps.findIndex(({ op }) => op === 'killCgroup');
	const makes = end < 0 ? steps : steps.slice(0, end);
	const enters = [...new Set(Object.values(paths))].map(
		(path): Step => ({
			op: 'write',
			path: `${path}/cgroup.procs`,
			data: String(pid),
			why: 'its children are born into the cgroup of the container',
			from: '/linux/cgroupsPath',
			phase: 'cgroup',
		}),
	);
	return [...makes, ...enters, ...steps.slice(makes.length)];
}
