import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { CgroupFacts } from '../host-facts.ts';
import type { Step } from '../step.ts';
import { formatBytes } from './format-bytes.ts';
import { ALREADY_GONE, STILL_ENDING } from './tolerated.ts';

const KILL_TIMEOUT_MS = 10_000;
const REMOVE_TIMEOUT_MS = 10_000;
const LIMIT = '/linux/resources/memory/limit';

type Paths = Readonly<Record<string, string>>;

/** Ends every process of the container, at once where the kernel can (cgroup.kill, Linux 5.14), else frozen, so that none forks on. */
export function killSteps(facts: CgroupFacts, paths: Paths): readonly Step[] {
	const { unified, freezer } = paths;
	if (unified !== undefined && facts.unified?.hasKill === true) {
		return [write(`${unified}/cgroup.kill`, '1', 'end every process of the container at once')];
	}
	if (unified !== undefined) {
		// Frozen processes of cgroup2 still die; those of v1 only once they are thawed.
		return [write(`${unified}/cgroup.freeze`, '1', 'no process forks away while they are ended'), kill(unified)];
	}
	if (freezer !== undefined) {
		return [
			write(`${freezer}/freezer.state`, 'FROZEN', 'no process forks away while they are ended'),
			{ ...kill(freezer), timeoutMs: 0, tolerate: STILL_ENDING },
			write(`${freezer}/freezer.state`, 'THAWED', 'a frozen process dies once it is thawed'),
			kill(freezer),
		];
	}
	const [any] = Object.values(paths);
	return any === undefined ? [] : [kill(any)];
}

/** A line for the user when the kernel killed at the memory limit: counters of cgroup2 and, since Linux 4.13, of v1. */
export function noticeSteps(spec: RuntimeSpec, paths: Paths): readonly Step[] {
	const limit = spec.linux?.resources?.memory?.limit ?? 0;
	if (limit <= 0) return [];
	const { memory, unified } = paths;
	const path = memory === undefined ? `${unified}/memory.events` : `${memory}/memory.oom_control`;
	return [
		{
			op: 'noticeIfGrown',
			path,
			key: 'oom_kill',
			notice: `tsrun: the kernel killed a process of the container at its memory limit of ${formatBytes(limit)} (--memory)\n`,
			why: 'say so when the memory limit killed a process',
			from: LIMIT,
			tolerate: ALREADY_GONE,
			phase: 'cgroup',
		},
	];
}

/** Removes the container's directory in each hierarchy, and those it made below. The parents stay, as other containers use them. */
export function removeSteps(paths: Paths): readonly Step[] {
	return [...new Set(Object.values(paths))].map(path => ({
		op: 'removeCgroup',
		path,
		timeoutMs: REMOVE_TIMEOUT_MS,
		why: "remove the container's cgroup",
		from: '/linux/cgroupsPath',
		tolerate: ALREADY_GONE,
		phase: 'cgroup',
	}));
}

function kill(path: string): Extract<Step, { op: 'killCgroup' }> {
	return {
		op: 'killCgroup',
		path,
		timeoutMs: KILL_TIMEOUT_MS,
		why: 'end every process of the container',
		from: '/linux/cgroupsPath',
		tolerate: ALREADY_GONE,
		phase: 'cgroup',
	};
}

function write(path: string, data: string, why: string): Step {
	return { op: 'write', path, data, why, from: '/linux/cgroupsPath', tolerate: ALREADY_GONE, phase: 'cgroup' };
}
