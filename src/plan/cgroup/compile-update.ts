import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import type { HostFacts } from '../host-facts.ts';
import { ERRNO } from '../linux-constants.ts';
import type { StepOf } from '../step.ts';
import { controllerWrites, type PlacedWrite } from './controller-writes.ts';

export interface CompileUpdateRequest {
	/** What changes; see `updateResources`. */
	readonly written: Resources;
	readonly facts: HostFacts;
	/** The container's directories: `unified`, and one for each v1 controller. */
	readonly directories: Readonly<Record<string, string>>;
	/** Bytes that the container uses now; absent: not known. */
	readonly memoryUsage?: number;
}

/**
 * Files whose values must fit each other at every moment. Which order is right depends on the old values and on what the cgroups
 * above have; so all but the last may be refused at first, and are written again after it.
 */
const INTERDEPENDENT: readonly (readonly string[])[] = [
	['cpu.cfs_period_us', 'cpu.cfs_burst_us', 'cpu.cfs_quota_us'],
	['cpu.rt_period_us', 'cpu.rt_runtime_us'],
	['cpu.max.burst', 'cpu.max'],
	['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'],
];

/**
 * The writes that give a container that exists other limits.
 * @throws TsrunError as `compileCgroup`, and TSRUN_MEMORY_IN_USE
 */
export function compileUpdate(request: CompileUpdateRequest): readonly StepOf<'write'>[] {
	const { written, facts, directories } = request;
	requireRoom(request);
	const writes = controllerWrites({ ociVersion: '1.2.0', linux: { resources: written } }, facts);
	return inAnyOrder(writes).map(write => {
		const { version, controller, file, value, from, why, tolerate } = write;
		const directory = version === 1 ? directories[controller ?? ''] : directories.unified;
		if (directory === undefined) throw notInCgroup(write);
		const notes = { why, from, phase: 'cgroup', ...(tolerate === undefined ? {} : { tolerate }) } as const;
		return { op: 'write', path: `${directory}/${file}`, data: value, ...notes };
	});
}

function inAnyOrder(writes: readonly PlacedWrite[]): readonly PlacedWrite[] {
	return INTERDEPENDENT.reduce<readonly PlacedWrite[]>((all, files) => {
		const group = files.flatMap(file => all.find(write => write.file === file) ?? []);
		const last = group.at(-1);
		if (last === undefined || group.length === 1) return all;
		const earlier = group.slice(0, -1);
		const first = earlier.map(write => ({ ...write, tolerate: [...(write.tolerate ?? []), ERRNO.EINVAL] }));
		const position = all.findIndex(write => group.includes(write));
		const before = all.slice(0, position).filter(write => !group.includes(write));
		const after = all.slice(position).filter(write => !group.includes(write));
		return [...before, ...first, last, ...earlier, ...after];
	}, writes);
}

/** `checkBeforeUpdate`: where v1 refuses a limit below what is used, cgroup2 kills. */
function requireRoom({ written, facts, memoryUsage }: CompileUpdateRequest): void {
	const { limit = 0, swap = 0, checkBeforeUpdate } = written.memory ?? {};
	const isV1 = facts.cgroup.hierarchies.some(({ controllers }) => controllers.includes('memory'));
	if (checkBeforeUpdate !== true || isV1 || memoryUsage === undefined) return;
	if (swap > 0 && swap <= memoryUsage) throw inUse('memory+swap limit', swap, memoryUsage);
	if (limit > 0 && limit <= memoryUsage) throw inUse('memory limit', limit, memoryUsage);
}

function inUse(what: string, limit: number, usage: number): TsrunError {
	return new TsrunError('TSRUN_MEMORY_IN_USE', `rejecting ${what} ${limit} <= usage ${usage}`, {
		hint: 'with checkBeforeUpdate a limit below what is used is refused, instead of a process killed',
	});
}

function notInCgroup({ from, controller = 'cgroup2' }: PlacedWrite): TsrunError {
	return new TsrunError('TSRUN_CGROUP_CONTROLLER_MISSING', `${from}: the container has no cgroup of ${controller}`, {
		hint: 'the hierarchy was mounted after the container was created',
	});
}
