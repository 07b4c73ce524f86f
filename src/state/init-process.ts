import { readFileSync } from 'node:fs';
import type { Progress } from '../native/progress.ts';
import type { ContainerStatus } from './container-state.ts';

const ENDED = ['Z', 'X', 'x'];
/** Position of the start time among the fields after the program's name (proc(5), field 22). */
const START_TIME = 19;

export interface ProcessStat {
	/** One letter (proc(5)): R, S, D, T, Z, … */
	readonly state: string;
	/** Clock ticks since boot. */
	readonly startTime: bigint;
}

/** Undefined where there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
		return { state: fields[0] ?? 'X', startTime: BigInt(fields[START_TIME] ?? 0) };
	} catch {
		return undefined;
	}
}

/** Whether init is there, and is not a later process of its number. A zombie has ended, whoever has yet to reap it. */
export function isInitAlive({ init, initStart }: Progress): boolean {
	if (init <= 0) return false;
	const stat = readProcessStat(init);
	return stat !== undefined && stat.startTime === initStart && !ENDED.includes(stat.state);
}

/** Of a container that goes on without its creator (runtime.md, "State"). */
export function bundleStatus(progress: Progress, isSupervised: boolean, isAlive: boolean): ContainerStatus {
	if (progress.started !== undefined) return isAlive ? 'running' : 'stopped';
	if (progress.created !== undefined) return isAlive ? 'created' : 'stopped';
	return isSupervised ? 'creating' : 'stopped';
}
